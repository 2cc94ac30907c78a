/**
 * Times Hawksbill and its peers on the same work, in turns, in one run:
 *
 *   npm run bench [-- train|speak|audio|load|web …] [--quick] [--json FILE] [--docs] [--only ID] [--python PROGRAM]
 *     [--install-peers]
 *
 * --install-peers fetches those of `web` (57 MB, MIT and Apache-2.0) into tools/bench/web first, and that of `audio`
 * (500 MB, Apache-2.0) into tools/bench/transformers. --json writes all numbers, --docs puts the table on top of docs/benchmarks.md. It ends with 1 if results disagree or ours did not
 * come through.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../setup.mjs";
import { compare, type Row } from "./compare.js";
import { measureRates } from "./rates.js";
import { formatMeasurement, type Measurement } from "./table.js";
import { webFolder } from "./web/open-page.js";
import { groups } from "./work.js";
import { works } from "./works.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    docs: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    python: { type: "string", default: "python3" },
    "install-peers": { type: "boolean", default: false },
  },
});
const transformersFolder = join("tools", "bench", "transformers");
const unknown = positionals.find((name) => !groups.some((group) => group === name));
if (unknown !== undefined)
  throw new Error(`bench: there is no group "${unknown}"; give ${groups.join(", ")} or none`);
const wanted = works.filter(
  ({ id, group }) =>
    (positionals.length === 0 || positionals.includes(group)) &&
    (values.only === undefined || values.only.includes(id)),
);
if (wanted.length === 0)
  throw new Error(`bench: nothing to do; --only knows ${works.map(({ id }) => id).join(", ")}`);

if (values["install-peers"])
  for (const folder of wantedFolders())
    run("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"]);
const rates = await measureRates();
const rows: Row[] = [];
/** Works that we did not end. */
const fallen: string[] = [];
const measurement: Measurement = {
  date: new Date().toISOString().slice(0, 16).replace("T", " "),
  quick: values.quick,
  machine: {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
  },
  versions: {
    Node: process.versions.node,
    ...packageVersions("node_modules", ["onnxruntime-node", "onnxruntime-web"]),
    ...pythonVersions(),
    ...packageVersions(join(webFolder, "node_modules"), ["@jax-js/jax", "@tensorflow/tfjs-core"]),
    ...packageVersions(join(transformersFolder, "node_modules"), ["@huggingface/transformers"]),
  },
  rates,
  rows,
};
for (const [i, work] of wanted.entries()) {
  console.error(`${i + 1} of ${wanted.length}, ${work.id}: ${work.what} …`);
  try {
    rows.push(...(await compare(work, { rates, quick: values.quick, python: values.python })));
  } catch (error) {
    console.error(`${work.id}: ours did not come through: ${(error as Error).message}`);
    fallen.push(work.id);
  }
  // After each work, so that a run that is ended early has not measured in vain.
  if (values.json) writeFileSync(values.json, `${JSON.stringify(measurement, undefined, 2)}\n`);
}
const table = formatMeasurement(measurement);
console.log(table);
if (values.docs) addToDocs(table);
if (fallen.length > 0) console.error(`Not measured: ${fallen.join(", ")}`);
const isBad = fallen.length > 0 || rows.some(({ note }) => note.startsWith("DISAGREES"));
process.exit(isBad ? 1 : 0);

/** Of the peers in JavaScript. */
function wantedFolders(): string[] {
  const folders = { web: webFolder, audio: transformersFolder } as const;
  return Object.entries(folders).flatMap(([name, folder]) =>
    wanted.some(({ group }) => group === name) ? folder : [],
  );
}

function pythonVersions(): Record<string, string> {
  const script =
    "import json, platform, importlib.metadata as m; print(json.dumps({'Python': platform.python_version()} | {n: m.version(n) for n in ['torch', 'librosa'] if any(d.name == n for d in m.distributions())}))";
  const { stdout, status } = spawnSync(values.python, ["-c", script], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as Record<string, string>) : {};
}

/** Of those packages that are installed. */
function packageVersions(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const path = join(folder, name, "package.json");
      return existsSync(path) ? [[name, JSON.parse(readFileSync(path, "utf8")).version]] : [];
    }),
  );
}

/** The newest table comes first; older ones stay. */
function addToDocs(newest: string): void {
  const path = "docs/benchmarks.md";
  const text = readFileSync(path, "utf8");
  const first = text.indexOf("\n## ");
  const [intro, older] = first < 0 ? [text, ""] : [text.slice(0, first), text.slice(first)];
  writeFileSync(path, `${intro.trimEnd()}\n\n${newest.trimEnd()}\n${older}`);
}
