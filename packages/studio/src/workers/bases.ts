import { modelUrls } from "@hawksbill/base-small";
import {
  clipLimits,
  disposeModel,
  loadModel,
  type Model,
  modelFacts,
  modelFiles,
} from "@hawksbill/tortoise";
import { weightsHash } from "@hawksbill/trainer";
import type { GivenFile } from "../clips.js";
import type { BaseFacts, BaseName } from "../settings.js";
import { bytesOf, type Folder } from "./folder.js";

type Part = keyof typeof modelFiles;
const parts = Object.keys(modelFiles) as Part[];

/** Reads a base. @throws Its files are missing, damaged or do not belong together. */
export async function openBase(name: BaseName, folder: Folder): Promise<Model> {
  if (name === "embedded") return openParts((part) => fetched(modelUrls[part]));
  const place = await currentPlace(folder);
  return openParts((part) =>
    stored(folder, `${place}/${modelFiles[part]}`, "choose the base's files again"),
  );
}

/** Tells a base from every other: of its weights and its vocabulary. */
export async function baseHash({ tokenizer, dvae, unifiedVoice }: Model): Promise<string> {
  const vocabulary = new TextEncoder().encode(JSON.stringify(tokenizer.toJSON()));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", vocabulary));
  return [digest.join(), await weightsHash(dvae), await weightsHash(unifiedVoice)].join(" ");
}

/** Reads the model that the studio trained. @throws There is none. */
export function openTrained(folder: Folder): Promise<Model> {
  return openParts((part) => stored(folder, `model/${modelFiles[part]}`, "fine-tune first"));
}

/** Keeps a base of the user's own, once it is seen to be one. @throws Files are missing, or are no model. */
export async function keepBase(given: readonly GivenFile[], folder: Folder): Promise<BaseFacts> {
  const names = Object.values(modelFiles);
  const fileOf = (part: Part): Blob => {
    const name = modelFiles[part];
    const file = given.find(({ path }) => path.split("/").at(-1) === name)?.file;
    if (file) return file;
    throw new Error(`${name} is not among the files; choose ${names.join(", ")} together`);
  };
  const model = await openParts((part) => bytesOf(fileOf(part)));
  const facts = baseFacts("own", model);
  disposeModel(model);
  const before = await currentPlace(folder);
  const next = places.find((place) => place !== before) as Place;
  for (const part of parts) await folder.write(`${next}/${modelFiles[part]}`, fileOf(part));
  await folder.write(placeFile, next);
  await folder.remove(before);
  return facts;
}

/** A new base is written beside the last one, and takes its place when it is there as a whole. */
const places = ["base/a", "base/b"] as const;
type Place = (typeof places)[number];
/** Names the place that holds. */
const placeFile = "base/place";

async function currentPlace(folder: Folder): Promise<Place> {
  const name = await (await folder.read(placeFile))?.text();
  return places.find((place) => place === name) ?? places[0];
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

async function openParts(read: (part: Part) => Promise<Uint8Array>): Promise<Model> {
  const files = await Promise.all(parts.map(async (part) => [part, await read(part)] as const));
  return loadModel(Object.fromEntries(files) as Record<Part, Uint8Array>);
}

async function fetched(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`${url.pathname}: the studio's server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param advice What to do where there is no such file. */
async function stored(folder: Folder, path: string, advice: string): Promise<Uint8Array> {
  const file = await folder.read(path);
  if (!file) throw new Error(`${path} is not there; ${advice}`);
  return bytesOf(file);
}
