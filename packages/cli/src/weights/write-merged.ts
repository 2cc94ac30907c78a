import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readSafetensors, writeSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree, type Weights } from "@hawksbill/core";
import { modelFiles, settingsKey } from "@hawksbill/tortoise";
import { combineWeights, encodeAdapter, weightsHash } from "@hawksbill/trainer";
import { CliError } from "../cli-error.js";
import { exists } from "../place.js";
import { inDtype, type writtenDTypes } from "./in-dtype.js";
import type { Merged } from "./merged.js";
import { formatOf, writeWeights } from "./write-weights.js";

type MergedModel = Extract<Merged, { readonly type: "model" }>;

interface MergeOptions {
  readonly dtype: (typeof writtenDTypes)[number];
  /** Folder of the model whose tokenizer and dVAE a new folder gets; default the inputs' own. */
  readonly model?: string;
}

/**
 * Writes what `merged` made into a file, or as a whole model into a new folder.
 *
 * @returns How many tensors of it were written.
 * @throws {CliError} The place does not suit it, or the models' other parts do not go together.
 */
export async function writeMerged(
  out: string,
  result: Merged,
  options: MergeOptions,
): Promise<number> {
  const { dtype } = options;
  const format = formatOf(out);
  if (result.type === "adapter") {
    if (format !== "safetensors")
      throw new CliError(`--out is ${out}; give an adapter a name that ends in .safetensors`);
    const { tensors, metadata } = encodeAdapter(result.adapter);
    const weights = inDtype(tensors, dtype);
    await writeWeights(out, weights, { format, metadata: { ...metadata, ...result.metadata } });
    return Object.keys(weights).length;
  }
  const weights = inDtype(result.weights, dtype);
  const metadata = { ...settingsOf(result), ...result.metadata };
  if (format === undefined) await writeFolder(out, { ...result, weights, metadata }, options);
  else await writeWeights(out, weights, { format, metadata });
  return Object.keys(weights).length;
}

/** How the first model is spoken with and trained further. */
function settingsOf({ models }: MergedModel): Record<string, string> {
  const settings = models[0]?.metadata[settingsKey];
  return settings === undefined ? {} : { [settingsKey]: settings };
}

async function writeFolder(
  out: string,
  result: MergedModel,
  { dtype, model }: MergeOptions,
): Promise<void> {
  const folders = result.models.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  const first = model ?? folders[0];
  if (first === undefined)
    throw new CliError(
      `--out is ${out}, but no input is a whole model with dVAE and tokenizer; give a name that ends in .safetensors or .pth, or --model`,
    );
  if (await isTaken(out))
    throw new CliError(`--out is ${out}, where there is something already; give a new folder`);
  const partial = `${resolve(out)}.${randomUUID()}.partial`; // Beside it, whether or not it ends in a slash.
  await mkdir(partial, { recursive: true });
  try {
    await requireOneTokenizer(folders);
    await copyFile(join(first, modelFiles.tokenizer), join(partial, modelFiles.tokenizer));
    const eachHasOne = folders.length === result.models.length && folders.length > 1;
    if (eachHasOne && model === undefined) await writeDvae(partial, folders, { ...result, dtype });
    else await copyFile(join(first, modelFiles.dvae), join(partial, modelFiles.dvae));
    await writeSafetensors(join(partial, modelFiles.unifiedVoice), result.weights, result.metadata);
    await rm(out, { recursive: true, force: true }); // It is empty.
    await rename(partial, out);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Whether a file is there, or a folder with something in it. */
async function isTaken(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => undefined);
  return names ? names.length > 0 : exists(path);
}

async function requireOneTokenizer(folders: readonly string[]): Promise<void> {
  const [first, ...others] = await Promise.all(
    folders.map(async (folder) => {
      const json = JSON.parse(await readFile(join(folder, modelFiles.tokenizer), "utf8"));
      return { folder, text: JSON.stringify(json) };
    }),
  );
  for (const { folder, text } of others)
    if (text !== first?.text)
      throw new CliError(
        `${folder} has another tokenizer than ${first?.folder}: the same words would be other tokens; give models of one tokenizer`,
      );
}

/** The dVAEs together: the codes have to mean the same, what makes sound of them may differ. */
async function writeDvae(
  partial: string,
  folders: readonly string[],
  { shares, metadata, dtype }: MergedModel & Pick<MergeOptions, "dtype">,
): Promise<void> {
  const dvaes: { name: string; weights: Weights; share: number }[] = [];
  try {
    for (const [i, folder] of folders.entries()) {
      const { tensors } = await readSafetensors(join(folder, modelFiles.dvae));
      dvaes.push({ name: folder, weights: tensors, share: shares[i] as number });
    }
    await requireOneCode(dvaes);
    const weights = inDtype(combineWeights(dvaes), dtype);
    await writeSafetensors(join(partial, modelFiles.dvae), weights, metadata);
  } finally {
    disposeTree(dvaes.map(({ weights }) => weights));
  }
}

async function requireOneCode(
  dvaes: readonly { readonly name: string; readonly weights: Weights }[],
): Promise<void> {
  const hashOf = (weights: Weights): Promise<string> =>
    weightsHash(
      Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith("decoder."))),
    );
  const [first, ...others] = await Promise.all(
    dvaes.map(async ({ name, weights }) => ({ name, hash: await hashOf(weights) })),
  );
  for (const { name, hash } of others)
    if (hash !== first?.hash)
      throw new CliError(
        `the dVAE of ${name} has other codes than that of ${first?.name}: the same speech would be other codes; give models that were trained with one dVAE`,
      );
}
