// @ts-check
/**
 * Makes the demo's new voice, packages/base-small/voice, in LJSpeech layout:
 *
 *     node tools/base/voice.mjs
 *
 * The voice is flite's `slt`; the base model heard neither it nor these sentences. It needs the
 * programs flite and sox. The demo holds out the last six clips.
 */
import { execFile } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { corpusSentences, readLines } from "./corpus-sentences.mjs";
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

const known = new Set(corpusSentences());
const clips = readLines("./voice-sentences.txt").map((text, i) => ({
  id: `slt-${String(i + 1).padStart(2, "0")}`,
  text,
}));

await rm(new URL("wavs", FOLDER), { recursive: true, force: true });
await mkdir(new URL("wavs", FOLDER), { recursive: true });
let bytes = 0;
for (const { id, text } of clips) {
  if (known.has(text)) throw new Error(`voice: "${text}" is in the training corpus; change it.`);
  const samples = await speak(speaker, text, SAMPLE_RATE_HZ);
  const wav = encodeWav(samples, SAMPLE_RATE_HZ);
  const flac = fileURLToPath(new URL(`wavs/${id}.flac`, FOLDER));
  const encoding = run("sox", ["-D", "-t", "wav", "-", "-C", "8", flac]);
  encoding.child.stdin?.end(wav);
  await encoding;
  bytes += (await stat(flac)).size;
  console.log(`${id}  ${(samples.length / SAMPLE_RATE_HZ).toFixed(2)} s  ${text}`);
}
const lines = clips.map(({ id, text }) => `${id}|${text}\n`);
await writeFile(new URL("metadata.csv", FOLDER), lines.join(""));
console.log(`${clips.length} clips, ${(bytes / 1e6).toFixed(2)} MB in ${fileURLToPath(FOLDER)}`);
