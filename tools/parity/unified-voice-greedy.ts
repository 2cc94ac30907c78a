import { compile, type Tensor, tensor, type Weights } from "@hawksbill/core";
import {
  Decoder,
  latents,
  type Prompt,
  type StepOutput,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import { head, inputsOf, type Model } from "./unified-voice-model.js";

interface Greedy {
  readonly codes: Tensor; // [steps]
  readonly logits: Tensor; // [steps, melCodes]
}

/** Feeds each code to the decoder, which keeps what it has read. */
export async function greedyWithCache(
  model: Model,
  prompt: Prompt,
  steps: number,
): Promise<Greedy> {
  const { weights, config, device } = model;
  const decoder = new Decoder(weights, config, device);
  const decoding = await decoder.begin([prompt], steps);
  const greedy = await speak(config, steps, async (codes) => {
    const [row] = await decoding.step([codes.at(-1) ?? config.startMelToken]);
    return (row as StepOutput).logits;
  });
  decoding.dispose();
  await decoder.dispose();
  return greedy;
}

/** Reads everything again for each code; what follows a position cannot change it, so one length serves all. */
export async function greedyWithoutCache(
  model: Model,
  prompt: Prompt,
  steps: number,
): Promise<Greedy> {
  const { weights, config, device } = model;
  const voice = tensor(prompt.voice, { shape: [1, config.modelDim] });
  const text = Array.from(prompt.tokens);
  const run = compile(
    (w: Weights, inputs: ReturnType<typeof inputsOf>, v: Tensor) =>
      head(w, "mel_head", latents(w, inputs, v, config)),
    { device },
  );
  const first = 1 + text.length + 2; // The start token's position, behind the voice and the text.
  const greedy = await speak(config, steps, async (codes) => {
    const mel = [...codes, ...Array<number>(steps - 1 - codes.length).fill(config.stopMelToken)];
    const logits = await run(weights, inputsOf([{ text, mel }], config), voice);
    const all = (await logits.data()) as Float32Array;
    const start = (first + codes.length) * config.melCodes;
    return all.slice(start, start + config.melCodes);
  });
  await run.release();
  return greedy;
}

/** Takes the likeliest code each time and goes on behind stop tokens, as the fixtures do. */
async function speak(
  { melCodes }: UnifiedVoiceConfig,
  steps: number,
  next: (codes: readonly number[]) => Promise<Float32Array>,
): Promise<Greedy> {
  const codes: number[] = [];
  const logits = new Float32Array(steps * melCodes);
  for (let i = 0; i < steps; i++) {
    const row = await next(codes);
    logits.set(row, i * melCodes);
    codes.push(row.indexOf(Math.max(...row)));
  }
  return {
    codes: tensor(Int32Array.from(codes)),
    logits: tensor(logits, { shape: [steps, melCodes] }),
  };
}
