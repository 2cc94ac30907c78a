import {
  compile,
  crossEntropy,
  mean,
  reshape,
  slice,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { conditioningEncoder, latents, type UnifiedVoiceConfig } from "@hawksbill/unified-voice";
import { compareTensors, numbersOf } from "./compare.js";
import { type Check, rowsOf, tensorOf, weightsOf } from "./fixture.js";
import { samplesPerCodeOf, unifiedVoiceConfigOf } from "./unified-voice-config.js";
import { greedyWithCache, greedyWithoutCache } from "./unified-voice-greedy.js";
import { head, inputsOf, int32, type Model } from "./unified-voice-model.js";

/**
 * tortoise-tts's UnifiedVoice: the conditioning latent (mean of clips); latents, losses and logits of given
 * codes; then greedy codes of item 0, with the cache and without.
 */
export const checkUnifiedVoiceTortoise: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const config = unifiedVoiceConfigOf(fixture, weights);
  const model: Model = { weights, config, device };
  const text = rowsOf(tensorOf(fixture, "inputs.text"));
  const codes = rowsOf(tensorOf(fixture, "inputs.mel_codes"));
  const samples = fixture.tensors["inputs.wav_lengths"];
  if (samples) padCodes(codes, Array.from(numbersOf(samples)), samplesPerCodeOf(fixture), config);

  const voices = await voicesOf(model, tensorOf(fixture, "inputs.conditioning_mel"));
  const ours = {
    "outputs.conditioning_latent": voices,
    ...(await teacherForced(model, voices, { text, codes })),
  };
  const steps = fixture.tensors["outputs.greedy_codes"]?.size ?? 0;
  if (steps === 0) return compareTensors(fixture.tensors, ours);

  const voice = Float32Array.from(numbersOf(voices)).slice(0, config.modelDim);
  const prompt = { tokens: text[0] ?? [], voice };
  const cached = await greedyWithCache(model, prompt, steps);
  const uncached = await greedyWithoutCache(model, prompt, steps);
  return compareTensors(fixture.tensors, {
    ...ours,
    "outputs.greedy_codes with cache": cached.codes,
    "outputs.greedy_codes without cache": uncached.codes,
    "outputs.greedy_logits with cache": cached.logits,
    "outputs.greedy_logits without cache": uncached.logits,
  });
};

/** Codes past a clip's end, but for one, become stop tokens. */
function padCodes(
  codes: number[][],
  samples: readonly number[],
  samplesPerCode: number,
  { stopMelToken }: UnifiedVoiceConfig,
): void {
  codes.forEach((row, b) => {
    row.fill(stopMelToken, Math.floor((samples[b] ?? 0) / samplesPerCode) + 1);
  });
}

/** @param mels [items, clips, bands, frames]. @returns [items, dim]. */
async function voicesOf({ weights, config, device }: Model, mels: Tensor): Promise<Tensor> {
  const [B = 1, C = 1, bands = 1, frames = 1] = mels.shape;
  const run = compile(
    (w: Weights, x: Tensor) => {
      const clips = conditioningEncoder(w, reshape(x, [B * C, bands, frames]), {
        heads: config.heads,
        blocks: config.conditioningBlocks,
      });
      return mean(reshape(clips, [B, C, config.modelDim]), 1);
    },
    { device },
  );
  const voices = await run(weights, mels);
  await run.release();
  return voices;
}

/** What the model makes of text and codes that it is given, both with one stop token behind. */
async function teacherForced(
  { weights, config, device }: Model,
  voices: Tensor,
  { text, codes }: { readonly text: number[][]; readonly codes: number[][] },
): Promise<Weights> {
  const { stopTextToken, stopMelToken } = config;
  const textTargets = text.map((row) => [...row, stopTextToken, stopTextToken]);
  const melTargets = codes.map((row) => [...row, stopMelToken, stopMelToken]);
  const T = textTargets[0]?.length ?? 0;
  const M = melTargets[0]?.length ?? 0;
  const inputs = inputsOf(
    text.map((row, b) => ({ text: row, mel: [...(codes[b] ?? []), stopMelToken] })),
    config,
  );
  const targets = { text: int32(textTargets), mel: int32(melTargets) };
  const run = compile(
    (w: Weights, x: typeof inputs, voice: Tensor, t: typeof targets) => {
      const states = latents(w, x, voice, config); // [B, 1 + T + M, D]
      const mel = slice(states, { axis: 1, start: 1 + T });
      const textLogits = head(w, "text_head", slice(states, { axis: 1, start: 1, end: 1 + T }));
      const melLogits = head(w, "mel_head", mel);
      return {
        "outputs.latent": slice(mel, { axis: 1, end: M - 2 }),
        "outputs.mel_logits": transpose(melLogits, [0, 2, 1]),
        "outputs.loss_text": crossEntropy(textLogits, t.text),
        "outputs.loss_mel": crossEntropy(melLogits, t.mel),
      };
    },
    { device },
  );
  const outputs = await run(weights, inputs, voices, targets);
  await run.release();
  return outputs;
}
