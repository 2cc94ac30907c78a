// @ts-check
/**
 * `npm run bench`: times our work beside that of others, on a fresh clone too.
 * The tool itself is TypeScript, run from the sources: see tools/bench/main.ts.
 */
import { build, install, run } from "./setup.mjs";

install();
build();
run(process.execPath, [
  "--import=tsx",
  "--conditions=@hawksbill/source",
  "tools/bench/main.ts",
  ...process.argv.slice(2),
]);
