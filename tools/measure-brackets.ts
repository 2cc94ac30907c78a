/**
 * How well the end of a text's first words is found in its speech, by what UnifiedVoice expects, without another model:
 *
 *   npx tsx --conditions=@hawksbill/source tools/measure-brackets.ts [VOICES]
 *
 * Speech is flite's, which tells when each sound ends; VOICES are its, e.g. slt,rms,awb. It is cut
 *
 *   stop    where the model, given only the first words, would most likely have ended;
 *   change  where both parts together are likeliest, the second as the whole text's;
 *   parts   where they are likeliest as two speeches, of the first words and of the others.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AR_MEL, arMel, decodeMono } from "@hawksbill/audio";
import { modelFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { Dvae } from "@hawksbill/dvae";
import { openModel } from "@hawksbill/tortoise/node";
import { UnifiedVoice } from "@hawksbill/unified-voice";

const firsts = ["I am so sad", "I am very happy", "With a loud voice", "My friend was afraid"];
const seconds = ["please close the door.", "we will go home now.", "where is my brother?"];
/** What an ear takes for a clean cut. */
const closeSeconds = 0.15;
const secondsPerCode = 1024 / AR_MEL.sampleRateHz;

const [, , voices = "slt,rms,awb"] = process.argv;
const folder = mkdtempSync(join(tmpdir(), "brackets-"));
const device = await openDevice("cpu", { threads: 1 });
const model = await openModel(fileURLToPath(modelFolder));
const unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device);
const dvae = Dvae.create(model.dvae, device);
const { modelDim, stopMelToken } = model.config;
const head = model.unifiedVoice["mel_head.weight"]?.dataSync() as Float32Array;
const bias = model.unifiedVoice["mel_head.bias"]?.dataSync() as Float32Array;

/** Natural log of each code's probability, after the codes before it. */
async function logProbabilities(text: string, voice: Float32Array, codes: Int32Array) {
  const prompt = { tokens: model.tokenizer.encode(text), voice };
  const states = await unifiedVoice.latents(prompt, [...codes, 0]);
  return Array.from({ length: codes.length + 1 }, (_, i) => {
    const state = states.subarray(i * modelDim, (i + 1) * modelDim);
    const logits = bias.map((sum, code) => {
      for (let d = 0; d < modelDim; d++) sum += (head[code * modelDim + d] ?? 0) * (state[d] ?? 0);
      return sum;
    });
    const top = Math.max(...logits);
    const all = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
    return logits.map((logit) => logit - top - all);
  });
}

/** flite's sounds, each with its end in seconds. */
function flite(voice: string, text: string, file: string) {
  const told = execFileSync("flite", ["-voice", voice, "-psdur", "-t", text, "-o", file]);
  return Array.from(`${told}`.matchAll(/(\w+):([\d.]+)/g), ([, sound, end]) => ({
    sound,
    end: Number(end),
  }));
}

/** How far a cut between the two is from the pause or the border between the sounds. */
async function measure(voice: string, [first, between, second]: readonly [string, string, string]) {
  const file = join(folder, "said.wav");
  const isSound = ({ sound }: { sound: string | undefined }): boolean => sound !== "pau";
  const soundsOfFirst = flite(voice, first, file).filter(isSound).length;
  const sounds = flite(voice, first + between + second, file);
  const last = sounds.filter(isSound)[soundsOfFirst - 1];
  const next = last && sounds[sounds.indexOf(last) + 1];
  const from = last?.end ?? 0;
  const to = next?.sound === "pau" ? next.end : from;

  const { samples } = await decodeMono(readFileSync(file), AR_MEL);
  const silence = Math.max(0, (sounds[0]?.end ?? 0) - 0.03);
  const clip = samples.subarray(Math.round(silence * AR_MEL.sampleRateHz));
  const loudest = clip.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0);
  const mel = arMel(clip.map((x) => (0.7 * x) / loudest));
  const codes = await dvae.encode(mel);
  const heard = await unifiedVoice.conditioning([mel]);
  const alone = await logProbabilities(`${first}.`, heard, codes);
  const whole = await logProbabilities(first + between + second, heard, codes);
  const sum = (table: readonly Float32Array[], from: number, to: number, shift = 0): number => {
    let total = 0;
    for (let i = from; i < to; i++) total += table[i - shift]?.[codes[i] ?? 0] ?? 0;
    return total;
  };
  const places = Array.from({ length: codes.length - 6 }, (_, i) => i + 3);
  const ended = (place: number): number => alone[place]?.[stopMelToken] ?? 0;
  const change = (place: number): number =>
    sum(alone, 0, place) + ended(place) + sum(whole, place, codes.length);
  const best = (score: (place: number) => number, of: readonly number[]): number =>
    of.reduce((a, b) => (score(b) > score(a) ? b : a));

  const likely = places.toSorted((a, b) => change(b) - change(a)).slice(0, 8);
  const likelyEnds = places.toSorted((a, b) => ended(b) - ended(a)).slice(0, 8);
  const parts = new Map<number, number>();
  for (const place of new Set([...likely, ...likelyEnds])) {
    const rest = await logProbabilities(second, heard, codes.slice(place));
    const stop = rest[codes.length - place]?.[stopMelToken] ?? 0;
    parts.set(
      place,
      sum(alone, 0, place) + ended(place) + sum(rest, place, codes.length, place) + stop,
    );
  }
  const cuts = {
    stop: best(ended, places),
    change: best(change, places),
    parts: best((place) => parts.get(place) ?? -Infinity, [...parts.keys()]),
  };
  return Object.entries(cuts).map(([how, place]): [string, number] => {
    const time = silence + place * secondsPerCode;
    return [how, Math.max(0, from - time, time - to)];
  });
}

for (const voice of voices.split(","))
  for (const between of [", ", " "]) {
    const misses: Record<string, number[]> = {};
    for (const first of firsts)
      for (const second of seconds)
        for (const [how, miss] of await measure(voice, [first, between, second]))
          misses[how] = [...(misses[how] ?? []), miss];
    for (const [how, all] of Object.entries(misses)) {
      const close = all.filter((miss) => miss <= closeSeconds).length;
      const median = all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
      console.log(
        `${voice}, ${between.trim() ? "with" : "without"} a comma, ${how}: ${close} of ${all.length} within ${closeSeconds} s, median ${median.toFixed(2)} s`,
      );
    }
  }
await unifiedVoice.dispose();
await dvae.dispose();
await device.close();
rmSync(folder, { recursive: true });
