import { AR_MEL } from "@hawksbill/audio";
import { modelUrls } from "@hawksbill/base-small";
import { framesPerCode } from "@hawksbill/dvae";
import { loadModel, type Model, modelFacts, modelFiles } from "@hawksbill/tortoise";
import type { BaseFacts, BaseName } from "../settings.js";
import { bytesOf, type Folder } from "./folder.js";

type Part = keyof typeof modelFiles;
const parts = Object.keys(modelFiles) as Part[];

/** Reads a base. @throws Its files are missing, damaged or do not belong together. */
export async function openBase(name: BaseName, folder: Folder): Promise<Model> {
  const read = (part: Part): Promise<Uint8Array> =>
    name === "embedded" ? fetched(modelUrls[part]) : stored(folder, `base/${modelFiles[part]}`);
  const [tokenizer, dvae, unifiedVoice] = await Promise.all([
    read("tokenizer"),
    read("dvae"),
    read("unifiedVoice"),
  ]);
  return loadModel({ tokenizer, dvae, unifiedVoice });
}

/** Reads a model that the studio trained; undefined if there is none. */
export async function openTrained(folder: Folder): Promise<Model | undefined> {
  const files = await Promise.all(
    parts.map(async (part) => [part, await folder.read(`model/${modelFiles[part]}`)] as const),
  );
  if (!files.every(([, file]) => file)) return undefined;
  const bytes = await Promise.all(
    files.map(async ([part, file]) => [part, await bytesOf(file as File)] as const),
  );
  return loadModel(Object.fromEntries(bytes) as Record<Part, Uint8Array>);
}

/** What a base is, for people. */
export function baseFacts(name: BaseName, model: Model): BaseFacts {
  const { parameters, layers, modelDim } = modelFacts(model);
  return {
    name,
    parameters,
    layers,
    width: modelDim,
    maximumSeconds: clipLimits(model).maximumSeconds,
  };
}

/** What a model has positions for, within what TorToiSe is trained on: 11.61 s and 200 tokens. */
export function clipLimits({ config, dvaeConfig }: Model): {
  readonly maximumSeconds: number;
  readonly maximumTextTokens: number;
} {
  const codeSeconds = (framesPerCode(dvaeConfig) * AR_MEL.hopSamples) / AR_MEL.sampleRateHz;
  // One code less: that of the frame which a whole clip's last samples may begin.
  const longest = Math.floor((config.maxMelTokens - 1) * codeSeconds * 100) / 100;
  return {
    maximumSeconds: Math.min(11.61, longest),
    maximumTextTokens: Math.min(200, config.maxTextTokens),
  };
}

async function fetched(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`${url.pathname}: the studio's server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function stored(folder: Folder, path: string): Promise<Uint8Array> {
  const file = await folder.read(path);
  if (!file) throw new Error(`${path} is not there; choose the base's files again`);
  return bytesOf(file);
}
