import { parseArgs } from "node:util";
import type { FileReport } from "./check-file.js";
import { passes } from "./compare.js";
import { findFiles, readInput } from "./find-files.js";
import { fileLines, summaryLine } from "./report.js";
import { isTarget, openTarget, targets } from "./target.js";

const usage = `Usage: npm run parity -- FILE_OR_FOLDER... [--device ${targets.join("|")}] [--tokenizer FILE]

Compares what our implementation computes with what PyTorch did, as the files have it, and prints for each
tensor ‖ours − theirs‖ / ‖theirs‖. Integers and texts must be equal, outputs within 1e-4, gradients within 1e-3;
for audio the largest difference counts: 1e-5 for resampling, 1e-3 in log units for mels.

  npm run parity -- ../shared/fixtures
  npm run parity -- dvae.safetensors adamw.safetensors --device webgpu

--device     where the programs run; wasm and browser-webgpu run in Chromium. Default cpu.
--tokenizer  the vocabulary of a tokenizer.json; default tortoise-tokenizer.json beside it or in ../data.`;

/**
 * The tool `npm run parity`.
 *
 * @param args Its command line.
 * @param print Gets the report, some lines at a time.
 * @returns Whether all that was to be compared was compared and agrees.
 * @throws {Error} The command line asks for what is not there.
 */
export async function parity(
  args: readonly string[],
  print: (lines: string) => void,
): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      device: { type: "string", default: "cpu" },
      tokenizer: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(usage);
    return true;
  }
  if (positionals.length === 0) throw new Error(`no file or folder is given\n\n${usage}`);
  if (!isTarget(values.device))
    throw new Error(`no device "${values.device}"; give one of ${targets.join(", ")}`);

  const files = await findFiles(positionals);
  const target = await openTarget(values.device);
  const reports: FileReport[] = [];
  let ok = true;
  try {
    for (const { path, named } of files) {
      const report = await target.check(await readInput(path, values.tokenizer));
      print(fileLines(report).join("\n"));
      reports.push(report);
      if (report.error !== undefined || !report.rows.every(passes)) ok = false;
      // Who names a file wants it compared; who names a folder wants what can be.
      if (named && report.skipped !== undefined) ok = false;
    }
  } finally {
    await target.close();
  }
  print(`\n${summaryLine(reports)}`);
  return ok && reports.some(({ rows }) => rows.length > 0);
}
