import { encodeSafetensors } from "@hawksbill/checkpoint";
import { type Model, modelFiles, settingsKey } from "@hawksbill/tortoise";
import { encodeAdapter, type SavedAdapter } from "@hawksbill/trainer";
import { zipSync } from "fflate";
import { bytesOf, type Folder } from "./folder.js";

export const adapterFile = "run/adapter.safetensors";

/** Puts a model into the studio's folder, as `openTrained` reads it. */
export async function keepModel(folder: Folder, model: Model): Promise<void> {
  const { tokenizer, dvae, unifiedVoice, settings } = model;
  const metadata = { [settingsKey]: JSON.stringify(settings) };
  await folder.write(`model/${modelFiles.tokenizer}`, JSON.stringify(tokenizer.toJSON()));
  await folder.write(`model/${modelFiles.dvae}`, encodeSafetensors(dvae));
  await folder.write(`model/${modelFiles.unifiedVoice}`, encodeSafetensors(unifiedVoice, metadata));
}

export async function keepAdapter(folder: Folder, adapter: SavedAdapter): Promise<void> {
  const { tensors, metadata } = encodeAdapter(adapter);
  await folder.write(adapterFile, encodeSafetensors(tensors, metadata));
}

/** The model's folder in a zip, as every command takes it. @throws There is no trained model. */
export async function modelArchive(folder: Folder): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const name of Object.values(modelFiles)) {
    const file = await folder.read(`model/${name}`);
    if (!file) throw new Error("There is no trained model yet; fine-tune first.");
    files[name] = await bytesOf(file);
  }
  return zipSync(files, { level: 0 }); // Weights hardly pack.
}
