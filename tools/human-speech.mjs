// @ts-check
/**
 * Fine-tunes the small base on a human speaker: the telephone prompts that Debian ships with their texts.
 *
 * `node tools/human-speech.mjs [--dataset-only] [options of finetune]` leaves hawksbill-human-speech/ with dataset/ and
 * run/. It needs Debian's apt-get and dpkg-deb, but no root: the packages are unpacked, not installed.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { build, install, run } from "./setup.mjs";

const folder = "hawksbill-human-speech";
const dataset = join(folder, "dataset");
const runFolder = join(folder, "run");
/** Allison Smith, US English, 8 kHz; CC BY-SA 3.0. The texts are in a package of their own. */
const packages = ["asterisk-core-sounds-en-wav", "asterisk-core-sounds-en"];
const sounds = "usr/share/asterisk/sounds/en_US_f_Allison";
const texts = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz";
/** What a run has where nothing else is asked for: at most 12 rounds over the clips, fewer if they begin to be learnt by heart. */
const settings =
  "--steps 600 --evaluate-every 50 --held-out 0.1 --best --patience 4 --seed 1 --sample-every 200".split(
    " ",
  );

/** Fetches and unpacks the packages. @param {string} to */
function fetchPackages(to) {
  mkdirSync(to, { recursive: true });
  for (const name of packages) {
    run("sh", ["-c", `cd "${to}" && apt-get download ${name}`]);
    for (const file of readdirSync(to).filter((file) => file.startsWith(`${name}_`)))
      run("dpkg-deb", ["-x", join(to, file), to]);
  }
}

/**
 * The prompts that are speech and nothing else. Letters are left out, whose names are not how their text reads.
 *
 * @param {string} text Lines `name: words`; `;` begins a comment, brackets tell of tones and silence.
 * @returns {{ name: string, words: string }[]}
 */
function promptsIn(text) {
  return text.split("\n").flatMap((line) => {
    const [, name, words = ""] = /^([\w/-]+): (.+)$/.exec(line) ?? [];
    const isSpeech = name && !/[[\](){}<>]/.test(words) && !/^(letters|silence)\//.test(name);
    return isSpeech ? [{ name, words: words.replaceAll(/\s+/g, " ").trim() }] : [];
  });
}

/** Writes metadata.csv and wavs/. @param {string} from Where the packages are unpacked. */
function writeDataset(from) {
  mkdirSync(join(dataset, "wavs"), { recursive: true });
  const prompts = promptsIn(gunzipSync(readFileSync(join(from, texts))).toString());
  const lines = prompts.flatMap(({ name, words }) => {
    const sound = join(from, sounds, `${name}.wav`);
    const id = name.replaceAll("/", "-");
    if (!existsSync(sound)) return [];
    copyFileSync(sound, join(dataset, "wavs", `${id}.wav`));
    return [`${id}|${words}\n`];
  });
  writeFileSync(join(dataset, "metadata.csv"), lines.join(""));
  console.log(`${dataset}: ${lines.length} prompts`);
}

/** The held-out losses of the run, as a picture for docs/human-speech.md. */
function lossCurve() {
  const events = readFileSync(join(runFolder, "log.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const measured = events.filter(({ type }) => type === "evaluation");
  const list = (/** @type {unknown[]} */ values) => `[${values.join(", ")}]`;
  return [
    "```mermaid",
    "xychart-beta",
    `  x-axis "step" ${list(measured.map(({ step }) => step))}`,
    '  y-axis "held-out mel loss"',
    `  line ${list(measured.map(({ metrics }) => metrics.mel.toFixed(3)))}`,
    "```",
  ].join("\n");
}

const [...options] = process.argv.slice(2);
const packed = join(folder, "packages");
if (!existsSync(join(packed, texts))) fetchPackages(packed);
writeDataset(packed);
if (!options.includes("--dataset-only")) {
  install();
  build();
  const hawksbill = "packages/cli/dist/hawksbill.js";
  const where = ["--dataset", dataset, "--out", runFolder];
  run(process.execPath, [hawksbill, "finetune", ...where, ...settings, ...options]);
  console.log(`\n${lossCurve()}\n\nSpeech: ${runFolder}/{reference,before,after}.wav`);
}
