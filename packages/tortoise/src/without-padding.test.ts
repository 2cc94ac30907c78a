/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AR_MEL, type Audio, arMel, decodeMono } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { Dvae, framesPerCode } from "@hawksbill/dvae";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { griffinLim } from "@hawksbill/vocoder";
import { expect, test } from "vitest";
import { fadeLastCode, withoutPadding } from "./without-padding.js";

test("speech ends as silently as the recording does", async () => {
  const [first = ""] = readdirSync(new URL("wavs/", voiceFolder)).sort();
  const file = new URL(`wavs/${first}`, voiceFolder);
  const { samples } = await decodeMono(new Uint8Array(readFileSync(file)), AR_MEL);
  const device = await openDevice("cpu", { threads: 1 });
  const model = await openModel(fileURLToPath(modelFolder));
  const dvae = Dvae.create(model.dvae, device);
  const mel = arMel(samples.subarray(-40 * 256)); // 41 frames: the last of 11 codes stands for one.
  const decoded = await dvae.decode(await dvae.encode(mel));
  await dvae.dispose();
  await device.close();

  const loudestEnd = ({ samples }: Audio): number =>
    Math.max(...samples.subarray(-440).map(Math.abs)); // 20 ms
  const frames = framesPerCode(model.dvaeConfig);
  const sound = griffinLim(withoutPadding(decoded, frames), { iterations: 10 });
  fadeLastCode(sound, frames);
  expect(loudestEnd(griffinLim(decoded, { iterations: 10 }))).toBeGreaterThan(0.03);
  expect(loudestEnd(sound)).toBeLessThan(0.01);
  disposeModel(model);
});

test("takes all frames but the last code's, in every band", () => {
  const mel = { data: Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13), bands: 2, frames: 4 };
  expect(withoutPadding(mel, 1)).toEqual({
    data: Float32Array.of(0, 1, 2, 10, 11, 12),
    bands: 2,
    frames: 3,
  });
  expect(withoutPadding(mel, 4)).toBe(mel);
});
