import type { Mel } from "@hawksbill/audio";
import {
  compile,
  slice,
  type Tensor,
  transpose,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { type Batch, makeBatch, type TrainingItem, trainingLosses } from "@hawksbill/unified-voice";
import { compareTensors, numbersOf } from "./compare.js";
import { type Check, type Fixture, prefixed, rowsOf, tensorOf, weightsOf } from "./fixture.js";
import { samplesPerCodeOf, unifiedVoiceConfigOf } from "./unified-voice-config.js";

/** DL-Art-School's training forward with recipe "dlas": both losses, mel logits, the gradient of every weight. */
export const checkUnifiedVoiceTraining: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const config = unifiedVoiceConfigOf(fixture, weights);
  const tortoiseCompat = fixture.metadata.tortoise_compat;
  if (typeof tortoiseCompat !== "boolean")
    throw new Error("its metadata has no tortoise_compat; give true or false");
  const items = itemsOf(fixture, tortoiseCompat);
  const batch = makeBatch(items, config, { recipe: "dlas", tortoiseCompat });
  // Every position of the mel part has a target in this recipe, and it comes last.
  const start = (rowsOf(batch.melTargets)[0] ?? []).findIndex((target) => target >= 0);
  const step = compile(
    (w: Weights, b: Batch) =>
      valueAndGradWithAux((p: Weights) => {
        const { loss, text, mel, melLogits } = trainingLosses(p, b, config);
        const mels = slice(melLogits, { axis: 1, start }); // [batch, positions, codes]
        return { loss, aux: { text, mel, melLogits: transpose(mels, [0, 2, 1]) } };
      })(w),
    { device },
  );
  const { aux, grads } = await step(weights, batch);
  await step.release();
  return compareTensors(fixture.tensors, {
    "outputs.loss_text": aux.text,
    "outputs.loss_mel": aux.mel,
    "outputs.mel_logits": aux.melLogits,
    ...prefixed("grads", grads),
  });
};

function itemsOf(fixture: Fixture, tortoiseCompat: boolean): TrainingItem[] {
  const clips = melsOf(tensorOf(fixture, "inputs.conditioning_mel"));
  const codes = rowsOf(tensorOf(fixture, "inputs.mel_codes"));
  const samples = numbersOf(tensorOf(fixture, "inputs.wav_lengths"));
  const longest = Math.max(...Array.from(numbersOf(tensorOf(fixture, "inputs.text_lengths"))));
  const samplesPerCode = samplesPerCodeOf(fixture);
  return rowsOf(tensorOf(fixture, "inputs.text")).map((text, b) => ({
    // The original reads what stands behind a shorter text, too.
    tokens: text.slice(0, longest),
    codes: codes[b] ?? [],
    conditioning: clips[b] ?? [],
    // In our units of 1024 samples; with the flag, the original multiplies before it divides.
    samples: tortoiseCompat
      ? (samples[b] ?? 0)
      : Math.floor((samples[b] ?? 0) / samplesPerCode) * 1024,
  }));
}

/** @param mels [items, clips, bands, frames]. */
function melsOf(mels: Tensor): Mel[][] {
  const [items = 0, clips = 0, bands = 0, frames = 0] = mels.shape;
  const data = Float32Array.from(numbersOf(mels));
  const size = bands * frames;
  return Array.from({ length: items }, (_, b) =>
    Array.from({ length: clips }, (_, c) => {
      const start = (b * clips + c) * size;
      return { data: data.slice(start, start + size), bands, frames };
    }),
  );
}
