import { NonFiniteError, type Random } from "@hawksbill/core";
import type { UnifiedVoiceConfig } from "./config.js";
import type { Decoder, StepOutput } from "./decoder.js";
import type { Prompt } from "./embeddings.js";
import { checkSampling, draw, largest, processLogits, type SamplingOptions } from "./sampling.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

export interface GenerateOptions {
  /** Codes to stop after if no stop token comes; default the model's most. */
  readonly maxCodes?: number;
  /** How codes are drawn, or "greedy" for the likeliest each time, without randomness; default TorToiSe's sampling. */
  readonly sampling?: SamplingOptions | "greedy";
  /** Needed unless greedy. Row i draws from `random.fork(i)`, so that its codes do not depend on the other rows. */
  readonly random?: Random;
  /**
   * "trained" (default): positions as in training. "tortoise-cache": with one left out after the start token, as
   * the original's cached generation counts them by mistake; to compare with it.
   */
  readonly positions?: "trained" | "tortoise-cache";
  /** Aborting ends the generation with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onProgress?: (progress: GenerateProgress) => void;
}

export interface GenerateProgress {
  /** Codes that each unfinished row has now. */
  readonly codes: number;
  readonly maxCodes: number;
  /** Rows that have not stopped yet. */
  readonly rowsLeft: number;
}

/** A row's code of one step. */
export interface SpokenCode {
  /** Of the prompt, counted from 0. */
  readonly row: number;
  /** "stop" where the model ends the sentence: the row's last. */
  readonly code: number | "stop";
  /**
   * The state that the code was drawn from, [modelDim]. Those of all codes are what `UnifiedVoice.latents` gives, where
   * codes are drawn with float32 weights.
   */
  readonly latent: Float32Array;
}

export interface Generated {
  /** Without start and stop token. */
  readonly codes: Int32Array;
  /** Whether the model ended the sentence itself; false if it reached `maxCodes`. */
  readonly stopped: boolean;
}

/** Id that TorToiSe gives to all prompt positions, and so penalises as if it had been spoken. */
const promptId = 1;

/**
 * Speaks prompts, several at once: the same one in several rows gives several candidates.
 *
 * @throws {UnifiedVoiceError} A prompt that the model cannot take, or no prompt.
 * @throws {RangeError} An option is out of its range.
 * @throws {NonFiniteError} The model gave what is no number.
 */
export async function generate(
  decoder: Decoder,
  prompts: readonly Prompt[],
  config: UnifiedVoiceConfig,
  options: GenerateOptions = {},
): Promise<Generated[]> {
  const codes = prompts.map(() => [] as number[]);
  const stopped = prompts.map(() => false);
  for await (const step of generateSteps(decoder, prompts, config, options))
    for (const { row, code } of step) {
      if (code === "stop") stopped[row] = true;
      else codes[row]?.push(code);
    }
  return codes.map((row, b) => ({
    codes: Int32Array.from(row),
    stopped: stopped[b] as boolean,
  }));
}

/**
 * The same, step by step as codes are drawn: each step has one of every row that has not stopped. The next step is made
 * when it is asked for.
 */
export async function* generateSteps(
  decoder: Decoder,
  prompts: readonly Prompt[],
  config: UnifiedVoiceConfig,
  options: GenerateOptions = {},
): AsyncGenerator<readonly SpokenCode[]> {
  checkOptions(prompts, config, options);
  const { sampling = {}, random, positions = "trained", signal, onProgress } = options;
  const { startMelToken, stopMelToken, maxMelTokens } = config;
  const { maxCodes = maxMelTokens } = options;
  signal?.throwIfAborted();
  const next = (logits: Float32Array, { codes, random }: Row): number =>
    sampling === "greedy" || !random
      ? largest(logits)
      : draw(processLogits(logits, [promptId, startMelToken, ...codes], sampling), random.next());
  const going: Row[] = prompts.map((_, row) => ({ row, codes: [], random: random?.fork(row) }));
  const decoding = await decoder.begin(prompts, maxCodes);
  try {
    for (let i = 0; i < maxCodes && going.length > 0; i++) {
      signal?.throwIfAborted();
      const position = positions === "tortoise-cache" && i > 0 ? i + 1 : i;
      const outputs = await decoding.step(
        going.map(({ codes }) => codes.at(-1) ?? startMelToken),
        position,
      );
      const spoken = going.map((row, b): SpokenCode => {
        const { logits, latent } = outputs[b] as StepOutput;
        requireNumbers(logits, i);
        logits[startMelToken] = -Infinity; // It is no sound, and no training has it as a target.
        const code = next(logits, row);
        row.codes.push(code);
        return { row: row.row, code: code === stopMelToken ? "stop" : code, latent };
      });
      for (let b = going.length - 1; b >= 0; b--) {
        if (spoken[b]?.code !== "stop") continue;
        decoding.drop(b);
        const last = going.pop() as Row;
        if (b < going.length) going[b] = last;
      }
      onProgress?.({ codes: i + 1, maxCodes, rowsLeft: going.length });
      yield spoken.sort((a, b) => a.row - b.row);
    }
  } finally {
    decoding.dispose();
  }
}

/** A row that has not stopped yet. */
interface Row {
  /** Of the prompt. */
  readonly row: number;
  readonly codes: number[];
  readonly random: Random | undefined;
}

/** @throws {NonFiniteError} A logit is NaN or infinite; single codes may be forbidden by -Infinity. */
function requireNumbers(logits: Float32Array, step: number): void {
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i] as number); // NaN stays.
  if (Number.isFinite(top)) return;
  throw new NonFiniteError(
    `generate: the model's answer in step ${step + 1} is NaN or infinite; look for such numbers in the voice and in the weights`,
  );
}

function checkOptions(
  prompts: readonly Prompt[],
  { maxMelTokens }: UnifiedVoiceConfig,
  { maxCodes = maxMelTokens, sampling = {}, random }: GenerateOptions,
): void {
  if (prompts.length === 0)
    throw new UnifiedVoiceError("generate: there is no prompt; give at least one");
  if (!Number.isInteger(maxCodes) || maxCodes < 1 || maxCodes > maxMelTokens)
    throw new RangeError(
      `generate: maxCodes is ${maxCodes}; give 1 to ${maxMelTokens}, the most that the model has positions for`,
    );
  if (sampling === "greedy") return;
  checkSampling(sampling);
  if (!random)
    throw new UnifiedVoiceError(
      'generate: sampling needs random; give random: new Random(seed), or sampling: "greedy"',
    );
}
