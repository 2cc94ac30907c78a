// @ts-check
import { transform } from "esbuild";

/**
 * For webpack, to build from the packages' sources: what is installed is JavaScript and needs no loader.
 *
 * @param {string} source
 */
export default async function stripTypes(source) {
  const { code } = await transform(source, { loader: "ts", target: "es2022" });
  return code;
}
