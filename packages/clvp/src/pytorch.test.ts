/// <reference types="node" />
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import {
  cast,
  compile,
  openDevice,
  subtree,
  type Tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import {
  Classifier,
  Clvp,
  Cvvp,
  classifierLogits,
  clvpSpeechLatents,
  clvpTextLatents,
  contrastiveLoss,
  inferClassifierConfig,
  similarity,
} from "./index.js";

// Models this small are quicker on one thread, above all where other programs are busy.
const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

// Made by tools/fixtures/clvp.py with PyTorch 2.13 (seed 3, --small).
const own = new URL("../fixtures/", import.meta.url);
// The original modules' numbers, beside the repository on the authors' machines.
const shared = new URL("../../../../shared/fixtures/", import.meta.url);

const sources: [name: string, folder: URL][] = [["own", own]];
if (existsSync(shared)) sources.push(["original", shared]);
else test.skip("originals' numbers (needs ../shared)", () => {});

interface Fixture {
  readonly weights: Weights;
  readonly tensors: Weights;
  readonly heads: number;
}

async function read(folder: URL, name: string): Promise<Fixture> {
  const path = fileURLToPath(new URL(`${name}.safetensors`, folder));
  const { tensors, metadata } = await readSafetensors(path);
  const heads = JSON.parse(metadata.config as string).num_attn_heads ?? 4;
  return { weights: subtree(tensors, "weights"), tensors, heads };
}

test.each(sources)("CLVP: %s", async (_, folder) => {
  const { weights, tensors } = await read(folder, "clvp");
  const [texts, candidates] = [rows(tensors["inputs.text"]), rows(tensors["inputs.codes"])];
  const wanted = numbers(tensors["outputs.similarity"]);
  const clvp = Clvp.create(weights, device);
  const scores: number[] = [];
  for (const [i, text] of texts.entries())
    scores.push((await clvp.similarity(text, candidates))[i] as number);
  expect(difference(scores, wanted)).toBeLessThan(1e-5);
  await clvp.dispose();
});

test.each(sources)("CLVP's contrastive loss and its gradients: %s", async (_, folder) => {
  const { weights, tensors } = await read(folder, "clvp");
  const step = compile(
    (w: Weights, text: Tensor, codes: Tensor) =>
      valueAndGradWithAux((parameters: Weights) => {
        const said = clvpTextLatents(parameters, cast(text, "int32"));
        const heard = clvpSpeechLatents(parameters, cast(codes, "int32"));
        const loss = contrastiveLoss(parameters, said, heard);
        return { loss, aux: { loss, scores: similarity(parameters, said, heard) } };
      })(w),
    { device },
  );
  const inputs = [tensors["inputs.text"] as Tensor, tensors["inputs.codes"] as Tensor] as const;
  const { aux, grads } = await step(weights, ...inputs);
  expect(difference(numbers(aux.loss), numbers(tensors["outputs.contrastive_loss"]))).toBeLessThan(
    1e-5,
  );
  expect(difference(numbers(aux.scores), numbers(tensors["outputs.similarity"]))).toBeLessThan(
    1e-5,
  );
  for (const [name, gradient] of Object.entries(subtree(tensors, "grads")))
    expect(difference(numbers(grads[name]), numbers(gradient)), name).toBeLessThan(1e-5);
});

test.each(sources)("CVVP: %s", async (_, folder) => {
  const { weights, tensors } = await read(folder, "cvvp");
  const mel = tensors["inputs.conditioning_mel"] as Tensor;
  const [count = 0, bands = 0, frames = 0] = mel.shape;
  const clips = Array.from({ length: count }, (_, i) => {
    const clip = rows(mel).slice(i * bands, (i + 1) * bands);
    return { data: Float32Array.from(clip.flat()), bands, frames };
  });
  const candidates = rows(tensors["inputs.codes"]);
  const wanted = numbers(tensors["outputs.similarity"]);
  const cvvp = Cvvp.create(weights, device);
  const scores: number[] = [];
  for (const [i, voice] of clips.entries())
    scores.push((await cvvp.similarity([voice], candidates))[i] as number);
  expect(difference(scores, wanted)).toBeLessThan(1e-5);
  await cvvp.dispose();
});

test.each(sources)("classifier: %s", async (_, folder) => {
  const { weights, tensors, heads } = await read(folder, "classifier");
  const wav = tensors["inputs.wav"] as Tensor;
  const config = inferClassifierConfig(weights, { heads });
  const run = compile((w: Weights, x: Tensor) => classifierLogits(w, x, config), { device });
  const logits = await run(weights, wav);
  expect(difference(numbers(logits), numbers(tensors["outputs.logits"]))).toBeLessThan(1e-5);

  const classifier = Classifier.create(weights, device, { heads });
  const [[generated = 0, recorded = 0] = []] = rows(tensors["outputs.logits"]);
  const samples = Float32Array.from(rows(wav)[0] ?? []);
  const probability = await classifier.probability({ samples, sampleRateHz: 24_000 });
  expect(probability).toBeCloseTo(1 / (1 + Math.exp(recorded - generated)), 5);
  await classifier.dispose();
});

function numbers(x: Tensor | undefined): number[] {
  return Array.from((x as Tensor).dataSync(), Number);
}

/** Of the last axis. */
function rows(x: Tensor | undefined): number[][] {
  const width = x?.shape.at(-1) ?? 1;
  const all = numbers(x);
  return Array.from({ length: all.length / width }, (_, i) =>
    all.slice(i * width, (i + 1) * width),
  );
}

/** |got - wanted| / |wanted|. */
function difference(got: readonly number[], wanted: readonly number[]): number {
  expect(got.length).toBe(wanted.length);
  return Math.hypot(...got.map((x, i) => x - (wanted[i] as number))) / Math.hypot(...wanted);
}
