// @ts-check
/** `npm run demo`: fine-tunes the embedded base on the embedded voice, on a fresh clone too. */
import { build, install, run } from "./setup.mjs";

install();
build();
run(process.execPath, ["packages/cli/dist/hawksbill.js", "demo", ...process.argv.slice(2)]);
