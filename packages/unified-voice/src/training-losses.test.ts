import {
  compile,
  mapTree,
  openDevice,
  Random,
  subtree,
  type Tensor,
  tensor,
  transpose,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  type Fixture,
  fixture,
  hasShared,
  mels,
  numbers,
  relativeError,
  row,
} from "../test/fixtures.js";
import { type Batch, type BatchOptions, makeBatch, type TrainingItem } from "./batch.js";
import { inferConfig, type UnifiedVoiceConfig } from "./config.js";
import type { DropoutNoise } from "./gpt.js";
import { initialise } from "./initialise.js";
import { type LossOptions, trainingLosses } from "./training-losses.js";

const device = await openDevice("cpu");

/** Losses, mel logits and gradients of one step. */
async function train(
  weights: Weights,
  config: UnifiedVoiceConfig,
  batch: Batch,
  options: LossOptions = {},
) {
  const step = compile(
    (w: Weights, b: Batch, o: LossOptions) =>
      valueAndGradWithAux((w: Weights) => {
        const { loss, text, mel, melLogits } = trainingLosses(w, b, config, o);
        return { loss, aux: { text, mel, melLogits: transpose(melLogits) } };
      })(w),
    { device },
  );
  const { aux, grads } = await step(weights, batch, options);
  await step.release();
  return { ...mapTree(aux, numbers), grads: mapTree(grads, numbers) } as unknown as {
    text: Float64Array;
    mel: Float64Array;
    melLogits: Float64Array; // [batch, codes, positions]
    grads: Record<string, Float64Array>;
  };
}

/** Losses alone. */
async function measure(
  some: readonly TrainingItem[],
  options: LossOptions = {},
): Promise<{ text: Float64Array; mel: Float64Array }> {
  const run = compile(
    (w: Weights, b: Batch, o: LossOptions) => {
      const { text, mel } = trainingLosses(w, b, config, o);
      return { text, mel };
    },
    { device },
  );
  const { text, mel } = await run(weights, makeBatch(some, config), options);
  await run.release();
  return { text: numbers(text), mel: numbers(mel) };
}

/** The clips of a fixture, with all codes there are. */
function itemsOf({ tensors }: Fixture): TrainingItem[] {
  const { text, text_lengths, mel_codes, wav_lengths, conditioning_mel } = subtree(
    tensors,
    "inputs",
  );
  return Array.from(numbers(text_lengths), (length, i) => ({
    tokens: row(text, i).slice(0, length),
    codes: row(mel_codes, i),
    samples: numbers(wav_lengths)[i] ?? 0,
    conditioning: mels(conditioning_mel, i),
  }));
}

/** Wherever the same gradients come out, float32 rounds them differently: by 1e-6 of the largest or so. */
const rounding = 1e-5;

async function expectDlas(file: Fixture, tortoiseCompat: boolean): Promise<void> {
  const weights = subtree(file.tensors, "weights");
  const config = inferConfig(weights, { heads: file.heads });
  const batch = makeBatch(itemsOf(file), config, { recipe: "dlas", tortoiseCompat });
  const { text, mel, melLogits, grads } = await train(weights, config, batch);
  const outputs = subtree(file.tensors, "outputs");
  expect(relativeError(text, numbers(outputs.loss_text))).toBeLessThan(rounding);
  expect(relativeError(mel, numbers(outputs.loss_mel))).toBeLessThan(rounding);
  // The original gives the logits of the mel positions alone: the last ones.
  const [rows = 1, codes = 1, positions = 1] = outputs.mel_logits?.shape ?? [];
  const all = melLogits.length / rows / codes;
  const last = Array.from({ length: rows * codes }, (_, i) =>
    Array.from(melLogits.subarray((i + 1) * all - positions, (i + 1) * all)),
  ).flat();
  expect(relativeError(last, numbers(outputs.mel_logits))).toBeLessThan(rounding);
  for (const [name, wanted] of Object.entries(subtree(file.tensors, "grads")))
    expect([name, relativeError(grads[name] ?? [], numbers(wanted))]).toEqual([
      name,
      expect.toSatisfy((error: number) => error < rounding),
    ]);
}

test.each([true, false])("dlas equals its bugs in PyTorch, tortoiseCompat %s", (compat) =>
  expectDlas(fixture(`dlas_${compat}`), compat),
);

test.skipIf(!hasShared).each([true, false])(
  "dlas equals DL-Art-School itself, tortoiseCompat %s (needs ../shared)",
  (compat) => expectDlas(fixture(`unified_voice_dlas_train_compat_${compat}`, "shared"), compat),
);

test.skipIf(!hasShared)("losses equal TorToiSe's own (needs ../shared)", async () => {
  const { tensors, heads } = fixture("unified_voice_tortoise", "shared");
  const weights = subtree(tensors, "weights");
  const config = inferConfig(weights, { heads });
  const { text, mel_codes, conditioning_mel } = subtree(tensors, "inputs");
  const outputs = subtree(tensors, "outputs");
  const items = [0, 1].map((i) => ({
    tokens: row(text, i),
    codes: row(mel_codes, i),
    conditioning: mels(conditioning_mel, i).slice(0, 1),
  }));
  // Targets as DL-Art-School's, but the clips' mean in one position.
  const batch: Batch = {
    ...makeBatch(items, config, { recipe: "dlas", tortoiseCompat: false }),
    recipe: "hawksbill",
    conditioning: conditioning_mel as Tensor,
  };
  const losses = await train(weights, config, batch);
  expect(relativeError(losses.text, numbers(outputs.loss_text))).toBeLessThan(rounding);
  expect(relativeError(losses.mel, numbers(outputs.loss_mel))).toBeLessThan(rounding);
});

/** The recipe "hawksbill" on the fixture's clips, whose codes now end with the clips. */
const file = fixture("dlas_true");
const exact = fixture("exact");
const weights = subtree(file.tensors, "weights");
const config = inferConfig(weights, { heads: file.heads });
const items = itemsOf(file).map((item, i) => ({
  ...item,
  codes: Array.from(item.codes).slice(0, numbers(file.tensors["inputs.mel_lengths"])[i]),
}));
const wanted = mapTree(subtree(exact.tensors, "outputs"), numbers) as unknown as Record<
  string,
  Float64Array
>;

function trainItems(some: readonly TrainingItem[], options: LossOptions & BatchOptions = {}) {
  const { padTo = 1, ...lossOptions } = options;
  return train(weights, config, makeBatch(some, config, { padTo }), lossOptions);
}

test("hawksbill equals each clip computed alone in PyTorch, with all gradients", async () => {
  const { text, mel, grads } = await trainItems(items);
  expect(relativeError(text, wanted.loss_text ?? [])).toBeLessThan(rounding);
  expect(relativeError(mel, wanted.loss_mel ?? [])).toBeLessThan(rounding);
  for (const [name, gradient] of Object.entries(subtree(exact.tensors, "grads")))
    expect(relativeError(grads[name] ?? [], numbers(gradient))).toBeLessThan(rounding);
});

test("more padding changes nothing", async () => {
  const tight = await trainItems(items);
  const padded = await trainItems(items, { padTo: 64 });
  expect(relativeError(padded.text, tight.text)).toBeLessThan(1e-6);
  expect(relativeError(padded.mel, tight.mel)).toBeLessThan(1e-6);
  for (const [name, gradient] of Object.entries(tight.grads))
    expect(relativeError(padded.grads[name] ?? [], gradient)).toBeLessThan(rounding);
});

test("a clip's loss does not depend on its batch", async () => {
  const together = await measure(items, { normalise: "sum" });
  let sum = 0;
  for (const item of items) sum += (await measure([item], { normalise: "sum" })).mel[0] ?? 0;
  expect(together.mel[0]).toBeCloseTo(sum, 4);
});

test("label smoothing, clip means and sums equal PyTorch's", async () => {
  const smoothed = await measure(items, { labelSmoothing: 0.1 });
  expect(relativeError(smoothed.text, wanted.smoothed_text ?? [])).toBeLessThan(rounding);
  expect(relativeError(smoothed.mel, wanted.smoothed_mel ?? [])).toBeLessThan(rounding);
  const clips = await measure(items, { normalise: "clips" });
  expect(relativeError(clips.text, wanted.clips_text ?? [])).toBeLessThan(rounding);
  expect(relativeError(clips.mel, wanted.clips_mel ?? [])).toBeLessThan(rounding);
  const summed = await measure(items, { normalise: "sum" });
  const codes = items.reduce((n, item) => n + item.codes.length + 1, 0);
  expect(summed.mel[0]).toBeCloseTo((wanted.loss_mel?.[0] ?? 0) * codes, 3);
});

test("checkpointing gives the same gradients", async () => {
  const kept = await trainItems(items);
  const again = await trainItems(items, { checkpointing: true });
  for (const [name, gradient] of Object.entries(kept.grads))
    expect(relativeError(again.grads[name] ?? [], gradient)).toBeLessThan(rounding);
});

test("dropout with given random numbers equals PyTorch's", async () => {
  // The numbers that the fixture's script uses too.
  const pattern = (site: number, shape: readonly number[]) => {
    const size = shape.reduce((n, m) => n * m, 1);
    const data = Float32Array.from(
      { length: size },
      (_, i) => ((7919 * i + 31 * site) % 1000) / 1000,
    );
    return tensor(data, { shape });
  };
  const [item] = items;
  const batch = makeBatch(item ? [item] : [], config);
  const T = batch.melTargets.shape[1] ?? 0;
  const width = [1, T, config.modelDim];
  const noise: DropoutNoise = {
    embeddings: pattern(0, width),
    blocks: [0, 1].map((i) => ({
      attention: pattern(3 * i + 1, [1, config.heads, T, T]),
      found: pattern(3 * i + 2, width),
      inner: pattern(3 * i + 3, width),
    })),
  };
  const { text, mel } = await train(weights, config, batch, { dropout: { rate: 0.2, noise } });
  expect(relativeError(text, wanted.dropout_text ?? [])).toBeLessThan(rounding);
  expect(relativeError(mel, wanted.dropout_mel ?? [])).toBeLessThan(rounding);
});

test("a fresh model knows nothing: its losses are those of guessing", async () => {
  const fresh = initialise(config, new Random(1));
  const { text, mel } = await train(fresh, config, makeBatch(items, config));
  expect(text[0]).toBeCloseTo(Math.log(config.textTokens), 1);
  expect(mel[0]).toBeCloseTo(Math.log(config.melCodes), 1);
});
