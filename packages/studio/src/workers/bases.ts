import { modelUrls } from "@hawksbill/base-small";
import {
  clipLimits,
  disposeModel,
  loadModel,
  type Model,
  modelFacts,
  modelFiles,
} from "@hawksbill/tortoise";
import type { GivenFile } from "../clips.js";
import type { BaseFacts, BaseName } from "../settings.js";
import { bytesOf, type Folder } from "./folder.js";

type Part = keyof typeof modelFiles;
const parts = Object.keys(modelFiles) as Part[];

/** Reads a base. @throws Its files are missing, damaged or do not belong together. */
export function openBase(name: BaseName, folder: Folder): Promise<Model> {
  return openParts((part) =>
    name === "embedded"
      ? fetched(modelUrls[part])
      : stored(folder, `base/${modelFiles[part]}`, "choose the base's files again"),
  );
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
  for (const part of parts) await folder.write(`base/${modelFiles[part]}`, fileOf(part));
  return facts;
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
