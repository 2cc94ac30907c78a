import { type Device, scope } from "@hawksbill/core";
import { checkAdamW } from "./adamw.js";
import { checkAudio } from "./audio.js";
import { checkClassifier } from "./classifier.js";
import { checkClvp } from "./clvp.js";
import type { Row } from "./compare.js";
import { checkCvvp } from "./cvvp.js";
import { checkDiffusion } from "./diffusion.js";
import { checkDvae } from "./dvae.js";
import { type Check, type Fixture, readFixture } from "./fixture.js";
import { checkHifiganDecoder } from "./hifigan-decoder.js";
import { checkPth } from "./pth.js";
import { checkRandomLatentConverter } from "./random-latent-converter.js";
import { checkSampling } from "./sampling.js";
import { checkTokenizer, isTokenizerFixture } from "./tokenizer.js";
import { checkUnifiedVoiceTortoise } from "./unified-voice-tortoise.js";
import { checkUnifiedVoiceTraining } from "./unified-voice-training.js";
import { checkUnivnet } from "./univnet.js";

/** A file to check, as any platform can hand it over. */
export interface InputFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** For a tokenizer fixture: the vocabulary's file, parsed. */
  readonly vocabulary?: unknown;
  /** For a .pth: what its tensors are, as a safetensors file in base64. */
  readonly expected?: string;
}

/** What became of a file: compared, or skipped, or an error. */
export interface FileReport {
  readonly name: string;
  readonly kind?: string;
  readonly rows: readonly Row[];
  /** Why nothing of it could be compared although it should be. */
  readonly error?: string;
  /** Why it was not tried. */
  readonly skipped?: string;
}

/** By the metadata's `module`; those of DL-Art-School end in "_true" or "_false", which their metadata says, too. */
const checks: Readonly<Record<string, Check>> = {
  adamw: checkAdamW,
  audio: checkAudio,
  classifier: checkClassifier,
  clvp: checkClvp,
  cvvp: checkCvvp,
  diffusion: checkDiffusion,
  dvae: checkDvae,
  hifigan_decoder: checkHifiganDecoder,
  random_latent_converter: checkRandomLatentConverter,
  sampling: checkSampling,
  unified_voice_dlas_train: checkUnifiedVoiceTraining,
  unified_voice_tortoise: checkUnifiedVoiceTortoise,
  univnet: checkUnivnet,
};

/** Files without a module are known by a tensor that only they have. */
const marks: Readonly<Record<string, string>> = {
  "outputs.grad_norms": "adamw",
  "outputs.ar_mel": "audio",
  inputs_logits: "sampling",
};

/** Compares all that a file holds with what we compute; never throws. */
export async function checkFile(file: InputFile, device: Device): Promise<FileReport> {
  const { name } = file;
  try {
    if (name.endsWith(".json")) return checkJson(file);
    if (name.endsWith(".pth"))
      return await scope(async () => ({ name, kind: "pth", rows: await checkPth(file) }));
    return await scope(async () => checkTensors(readFixture(name, file.bytes), device));
  } catch (error) {
    return { name, rows: [], error: error instanceof Error ? error.message : String(error) };
  }
}

async function checkTensors(fixture: Fixture, device: Device): Promise<FileReport> {
  const { name } = fixture;
  const kind = kindOf(fixture);
  const check = Object.keys(checks).find(
    (module) => kind === module || kind?.startsWith(`${module}_compat_`),
  );
  if (kind === undefined)
    return { name, rows: [], skipped: "not recognised: its metadata names no module" };
  if (check === undefined)
    return { name, kind, rows: [], skipped: `not implemented yet (${kind})` };
  const rows = await (checks[check] as Check)(fixture, device);
  if (rows.length === 0) throw new Error("it holds nothing that was computed");
  return { name, kind, rows };
}

function kindOf({ tensors, metadata }: Fixture): string | undefined {
  if (typeof metadata.module === "string") return metadata.module;
  return Object.entries(marks).find(([tensor]) => Object.hasOwn(tensors, tensor))?.[1];
}

function checkJson({ name, bytes, vocabulary }: InputFile): FileReport {
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isTokenizerFixture(json))
    return { name, rows: [], skipped: "not recognised: no list of texts with their ids" };
  if (vocabulary === undefined)
    return {
      name,
      kind: "tokenizer",
      rows: [],
      error:
        "no tortoise-tokenizer.json is beside it, in ../data or in ../shared/data; give its vocabulary with --tokenizer FILE",
    };
  return { name, kind: "tokenizer", rows: checkTokenizer(json, vocabulary) };
}
