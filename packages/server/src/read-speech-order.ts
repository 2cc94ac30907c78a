import { ApiError } from "./api-error.js";
import { type AudioFormatName, audioFormats } from "./audio-formats.js";
import type { SpeechModel, SpeechRequest } from "./speech-model.js";

/** A body of `POST /v1/audio/speech`, understood. */
export interface SpeechOrder {
  readonly model: SpeechModel;
  readonly request: SpeechRequest;
  readonly format: AudioFormatName;
  /** 1 as it is spoken, 2 twice as fast. */
  readonly speed: number;
  /** Whether sound comes as it is, or in server-sent events. */
  readonly streamFormat: "audio" | "sse";
}

export interface OrderLimits {
  readonly models: readonly SpeechModel[];
  readonly maxCharacters: number;
}

/**
 * Every parameter is honoured or refused, none ignored.
 *
 * @throws {ApiError} One is missing, unknown, or out of its range (400), or there is no such model (404).
 */
export function readSpeechOrder(body: unknown, limits: OrderLimits): SpeechOrder {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new ApiError(400, "The body is no JSON object; send one with model, input and voice.");
  const given = body as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given))
    if (!parameters.includes(name))
      throw refusal(name, `Unknown parameter: ${shown(name)}.`, "unknown_parameter");
  refuseInstructions(given.instructions);
  const model = modelOf(given.model, limits.models);
  return {
    model,
    request: {
      text: textOf(given.input, limits.maxCharacters),
      voice: voiceOf(given.voice, model),
      ...((given.seed ?? undefined) === undefined ? {} : { seed: seedOf(given.seed) }),
    },
    format: oneOf("response_format", given.response_format ?? "mp3", formatNames),
    speed: speedOf(given.speed ?? 1),
    streamFormat: oneOf("stream_format", given.stream_format ?? "audio", streamFormats),
  };
}

const parameters = [
  "model",
  "input",
  "voice",
  "response_format",
  "speed",
  "stream_format",
  "instructions",
  "seed",
];
const formatNames = Object.keys(audioFormats) as AudioFormatName[];
const streamFormats = ["audio", "sse"] as const;

function modelOf(id: unknown, models: readonly SpeechModel[]): SpeechModel {
  if (typeof id !== "string") throw wrong("model", id, "the name of a model");
  const model = models.find((model) => model.id === id);
  if (model) return model;
  const names = models.map(({ id }) => id).join(", ");
  throw new ApiError(404, `There is no model ${shown(id)}; there is: ${names}.`, {
    param: "model",
    code: "model_not_found",
  });
}

function textOf(input: unknown, maxCharacters: number): string {
  if (typeof input !== "string") throw wrong("input", input, "the text to say");
  const { length } = [...input];
  if (length > maxCharacters)
    throw refusal(
      "input",
      `input has ${length} characters, ${maxCharacters} are allowed; send the text in parts.`,
      "string_above_max_length",
    );
  if (!/[\p{L}\p{N}]/u.test(input))
    throw refusal("input", "input has nothing to say; send a text with words.", "empty_input");
  return input;
}

function voiceOf(voice: unknown, { id, voices }: SpeechModel): string {
  const name = typeof voice === "object" && voice !== null && "id" in voice ? voice.id : voice;
  if (typeof name !== "string") throw wrong("voice", voice, "the name of a voice");
  if (voices.includes(name)) return name;
  throw refusal(
    "voice",
    `The model ${id} has no voice ${shown(name)}; it has: ${voices.join(", ")}.`,
    "voice_not_found",
  );
}

/** Models speak as their recordings do; nothing here would follow an instruction. */
function refuseInstructions(instructions: unknown): void {
  if (instructions === undefined || instructions === null || instructions === "") return;
  throw refusal(
    "instructions",
    "instructions are not followed by these models; leave them out, or choose another voice.",
    "unsupported_parameter",
  );
}

function speedOf(speed: unknown): number {
  if (typeof speed === "number" && speed >= 0.25 && speed <= 4) return speed;
  throw wrong("speed", speed, "a number from 0.25 to 4");
}

function seedOf(seed: unknown): number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return seed as number;
  throw wrong("seed", seed, "a whole number of 0 or more");
}

function oneOf<T extends string>(param: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw wrong(param, value, `one of ${allowed.join(", ")}`);
}

function wrong(param: string, value: unknown, wanted: string): ApiError {
  return value === undefined
    ? refusal(param, `${param} is missing; send ${wanted}.`, "missing_required_parameter")
    : refusal(param, `${param} is ${shown(value)}; send ${wanted}.`, "invalid_value");
}

function refusal(param: string, message: string, code: string): ApiError {
  return new ApiError(400, message, { param: param.slice(0, 50), code });
}

/** What a client sent, short enough for an answer. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
