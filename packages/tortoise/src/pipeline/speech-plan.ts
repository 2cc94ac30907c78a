import { plannedSteps } from "@hawksbill/diffusion";
import type { SamplingOptions, UnifiedVoiceConfig } from "@hawksbill/unified-voice";
import { TortoiseError } from "../tortoise-error.js";
import { type PresetName, presets } from "./presets.js";
import { type DiffusionSettings, refuseStrangers, type SpeechRequest } from "./speak-options.js";
import type { Stages } from "./stages.js";
import { missing } from "./tortoise-model.js";

/** A request with everything decided. */
export interface SpeechPlan {
  /** None where nothing of it counts: greedy sampling with the decoder "hifigan". */
  readonly preset?: PresetName;
  readonly seed: number;
  readonly candidates: number;
  readonly keep: number;
  readonly sampling: SamplingOptions | "greedy";
  readonly maxCodes: number;
  readonly batchSize: number;
  readonly cvvpAmount: number;
  readonly decoder: "diffusion" | "hifigan";
  /** None with the decoder "hifigan". */
  readonly diffusion?: DiffusionSettings;
}

/** Codes that TorToiSe speaks at most. */
const usualMaxCodes = 500;

/** Candidates that TorToiSe speaks at once on a large device. */
const usualBatchSize = 16;

/**
 * Decides what a request leaves open.
 *
 * @throws {RangeError} An option is unknown, or out of its range.
 * @throws {TortoiseError} The model lacks a part that is asked for, or a batch that is asked for needs more memory than it may take.
 */
export function planSpeech(request: SpeechRequest, stages: Stages): SpeechPlan {
  refuseStrangers(request);
  const { preset = "fast", seed = 0, keep = 1, cvvpAmount = 0, decoder = "diffusion" } = request;
  if (!Object.hasOwn(presets, preset))
    throw new RangeError(
      `speak: there is no preset "${preset}"; give one of ${Object.keys(presets).join(", ")}`,
    );
  const { config } = stages.model;
  const chosen = presets[preset];
  const greedy = request.sampling === "greedy";
  requireWhole("keep", keep, [1, 10_000]);
  if (greedy && keep > 1)
    throw new RangeError(
      `speak: keep is ${keep}; give 1, since all are alike with greedy sampling`,
    );
  const usual = isSpokenOnce(request) ? Math.max(1, keep) : chosen.candidates;
  const { candidates = usual, maxCodes = Math.min(usualMaxCodes, config.maxMelTokens) } = request;
  requireWhole("candidates", candidates, [1, 10_000]);
  requireWhole("keep", keep, [1, candidates]);
  requireWhole("maxCodes", maxCodes, [1, config.maxMelTokens]);
  if (greedy && candidates > 1)
    throw new RangeError(
      `speak: candidates is ${candidates} with greedy sampling, where all are alike; give 1`,
    );
  if (!(cvvpAmount >= 0 && cvvpAmount <= 1))
    throw new RangeError(`speak: cvvpAmount is ${cvvpAmount}; give 0 to 1`);
  if (cvvpAmount > 0 && candidates === 1)
    throw new RangeError(
      `speak: cvvpAmount is ${cvvpAmount}, and there is one candidate, which is compared with none; give more candidates, or leave cvvpAmount out`,
    );
  if (decoder === "hifigan") refuseUnheard(request);
  const diffusion = { ...chosen.diffusion, ...request.diffusion };
  if (decoder === "diffusion") plannedSteps(diffusion); // Refused now rather than after all the candidates.
  if (decoder === "hifigan" && !stages.has("hifiganDecoder"))
    throw new TortoiseError(`speak: ${missing("hifiganDecoder")}`);
  if (candidates > 1 && cvvpAmount < 1 && !stages.has("clvp"))
    throw new TortoiseError(
      `speak: ${candidates} candidates are to be compared, but ${missing("clvp")}; or give candidates: 1`,
    );
  if (cvvpAmount > 0 && !stages.has("cvvp"))
    throw new TortoiseError(`speak: ${missing("cvvp")}; or leave out cvvpAmount`);
  return {
    ...(greedy && decoder === "hifigan" ? {} : { preset }),
    seed,
    candidates,
    keep,
    sampling:
      request.sampling === "greedy" ? "greedy" : { ...chosen.sampling, ...request.sampling },
    maxCodes,
    batchSize: batchSizeOf(request, candidates, candidateMB(config, maxCodes)),
    cvvpAmount,
    decoder,
    ...(decoder === "diffusion" ? { diffusion } : {}),
  };
}

/** Whether a text is spoken but once, or as often as is kept, where `candidates` does not say more. */
export function isSpokenOnce({ preset, sampling, decoder }: Partial<SpeechRequest>): boolean {
  // A preset that was asked for has its candidates; without one, the fast way is the one with the first sound soonest.
  return sampling === "greedy" || (decoder === "hifigan" && preset === undefined);
}

/** @throws {RangeError} What is set would change nothing of what the decoder "hifigan" says. */
function refuseUnheard({ diffusion, conditioning, preset, sampling }: SpeechRequest): void {
  const unheard =
    (diffusion && "diffusion") ??
    (conditioning && "conditioning") ??
    (preset && sampling === "greedy" ? "preset with greedy sampling" : undefined);
  if (unheard)
    throw new RangeError(
      `speak: ${unheard} is set, and the decoder "hifigan" works without it; leave one of them out`,
    );
}

/** Megabytes of keys and values, in float32, that a candidate of a long text takes as it is spoken. */
export function candidateMB(config: UnifiedVoiceConfig, maxCodes: number): number {
  const positions = config.maxTextTokens + 3 + maxCodes;
  return (2 * 4 * config.layers * config.modelDim * positions) / 2 ** 20;
}

function batchSizeOf(
  { batchSize, memoryMB = Infinity }: SpeechRequest,
  candidates: number,
  eachMB: number,
): number {
  if (!(memoryMB > 0))
    throw new RangeError(`speak: memoryMB is ${memoryMB}; give a number above 0`);
  const fitting = Math.max(1, Math.floor(memoryMB / eachMB)); // One has to go, or there is no speech.
  const wanted = batchSize ?? Math.min(candidates, usualBatchSize, fitting);
  requireWhole("batchSize", wanted, [1, 10_000]);
  if (wanted > fitting)
    throw new TortoiseError(
      `speak: ${wanted} candidates at once take up to ${Math.ceil(wanted * eachMB)} MB, ${memoryMB} MB are allowed, into which ${fitting} ${fitting === 1 ? "fits" : "fit"}; give a smaller batchSize or maxCodes, or more memoryMB`,
    );
  return Math.min(wanted, candidates);
}

function requireWhole(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(
      `speak: ${name} is ${value}; give a whole number from ${least} to ${most}`,
    );
}
