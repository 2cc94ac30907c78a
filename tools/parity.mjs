// @ts-check
/**
 * `npm run parity -- FILE_OR_FOLDER...`: compares our numbers with PyTorch's, on a fresh clone too.
 * The tool itself is TypeScript, run from the sources: see tools/parity/main.ts.
 */
import { install, run } from "./setup.mjs";

install();
run(process.execPath, [
  "--import=tsx",
  "--conditions=@hawksbill/source",
  "tools/parity/main.ts",
  ...process.argv.slice(2),
]);
