// @ts-check
/**
 * Makes the demo's new voice, packages/base-small/voice, in LJSpeech layout:
 *
 *     node tools/base/voice.mjs
 *
 * The voice is flite's `slt`; the base model heard neither it nor these sentences: most are of the corpora's
 * templates, for it knows few words, and the rest are written by hand. It needs the programs flite, sox and opusenc (Debian's
 * opus-tools). The demo holds out the last six clips.
 */
import { execFile } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { corpusSentences, makeSentences, moreSentences, readLines } from "./corpus-sentences.mjs";
import { speak } from "./corpus-speak.mjs";
import { flite } from "./corpus-speakers.mjs";
import { encodeWav } from "./corpus-wav.mjs";

const FOLDER = new URL("../../packages/base-small/voice/", import.meta.url);
/** That of the program's voice: more would only be a larger file. */
const SAMPLE_RATE_HZ = 16_000;
const run = promisify(execFile);
/** Lower than flite's own, and as quick: nearer to the base's voices, all made of men's, but none of them. */
const speaker = flite("slt", {
  share: 1,
  voice: "slt",
  options: ["--setf", "duration_stretch=0.92"],
  higher: 0.9,
});

/** As many as fit into 3 MB. */
const CLIPS = 400;
const HELD_OUT = 6;

const known = new Set([...corpusSentences(), ...moreSentences()]);
const written = readLines("./voice-sentences.txt");
const ofTemplates = makeSentences(3000, 2).filter((text) => {
  const words = text.split(" ").length;
  return words >= 5 && words <= 9 && !known.has(text) && !written.includes(text);
});
const texts = [
  ...written.slice(0, -HELD_OUT),
  ...ofTemplates.slice(0, CLIPS - written.length),
  ...written.slice(-HELD_OUT),
];

await rm(new URL("wavs", FOLDER), { recursive: true, force: true });
await mkdir(new URL("wavs", FOLDER), { recursive: true });
let lines = "";
let bytes = 0;
let seconds = 0;
for (const [i, text] of texts.entries()) {
  if (known.has(text)) throw new Error(`voice: "${text}" is in the training corpus; change it.`);
  const id = `slt-${String(i + 1).padStart(3, "0")}`;
  const samples = await speak(speaker, text, SAMPLE_RATE_HZ);
  const opus = fileURLToPath(new URL(`wavs/${id}.opus`, FOLDER));
  // The same serial number: the same file each time.
  const options = ["--quiet", "--bitrate", "20", "--padding", "0", "--serial", "1"];
  const encoding = run("opusenc", [...options, "-", opus]);
  encoding.child.stdin?.end(encodeWav(samples, SAMPLE_RATE_HZ));
  await encoding;
  lines += `${id}|${text}\n`;
  bytes += (await stat(opus)).size;
  seconds += samples.length / SAMPLE_RATE_HZ;
}
await writeFile(new URL("metadata.csv", FOLDER), lines);
console.log(
  `${texts.length} clips, ${Math.round(seconds)} s, ${(bytes / 1e6).toFixed(2)} MB in ${fileURLToPath(FOLDER)}`,
);
