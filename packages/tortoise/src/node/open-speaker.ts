import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Device } from "@hawksbill/core";
import type { DecoderOptions } from "@hawksbill/unified-voice";
import { disposeAll } from "../dispose-all.js";
import { disposeModel, modelFiles } from "../model.js";
import { tortoiseFiles } from "../pipeline/tortoise-files.js";
import { createSpeaker, type Speaker } from "../speaker.js";
import { TortoiseError } from "../tortoise-error.js";
import { openModel } from "./model-folder.js";
import { type OpenTortoiseOptions, openTortoise } from "./open-tortoise.js";

/** Options for TorToiSe's files, and how codes are drawn with any model; see `createSpeaker`. */
export interface OpenSpeakerOptions extends OpenTortoiseOptions, DecoderOptions {}

/**
 * What speaks with the model in a folder: TorToiSe's files, a model as `saveModel` writes it, or the folder of a run
 * with such a model in its `model`.
 *
 * @throws {TortoiseError} Files are missing; the message says which, and where to get them. Or options for TorToiSe's
 *   files are given with another model.
 * @throws {CheckpointError} A file is damaged, of another kind, or does not belong to the others.
 */
export async function openSpeaker(
  folder: string,
  device: Device,
  { weights, ...options }: OpenSpeakerOptions = {},
): Promise<Speaker> {
  const decoder: DecoderOptions = weights ? { weights } : {};
  for (const place of [folder, join(folder, "model")])
    if (await exists(join(place, modelFiles.unifiedVoice))) {
      refuseFiles(place, options);
      const model = await openModel(place);
      return closing(createSpeaker(model, device, decoder), async () => disposeModel(model));
    }
  if (!options.files?.autoregressive && !(await isTortoise(folder)))
    throw new TortoiseError(
      `${folder}: holds no model; give a folder with ${Object.values(modelFiles).join(", ")}, a run's folder, or one with ${tortoiseFiles.autoregressive.name} and TorToiSe's other files (hawksbill download tortoise)`,
    );
  const model = await openTortoise(folder, options);
  return closing(createSpeaker(model, device, decoder), () => model.close());
}

/** @throws {TortoiseError} Options would be ignored. */
function refuseFiles(place: string, { files = {}, ...others }: OpenTortoiseOptions): void {
  const given = [...Object.keys(files), ...Object.keys(others)];
  if (given.length > 0)
    throw new TortoiseError(
      `${place}: holds a model with all its parts; leave out ${given.join(", ")}, or give TorToiSe's own files`,
    );
}

/** A speaker that closes its model when it goes. */
function closing(speaker: Speaker, close: () => Promise<void>): Speaker {
  const dispose = (): Promise<void> => disposeAll([() => speaker.dispose(), close]);
  const { kind, sampleRateHz } = speaker;
  return {
    kind,
    sampleRateHz,
    voice: (voice, options) => speaker.voice(voice, options),
    check: (request) => speaker.check(request),
    speak: (request) => speaker.speak(request),
    stream: (request) => speaker.stream(request),
    dispose,
  };
}

async function isTortoise(folder: string): Promise<boolean> {
  const { name } = tortoiseFiles.autoregressive;
  const names = ["tokenizer.json", name, name.replace(/pth$/, "safetensors")];
  return (await Promise.all(names.map((one) => exists(join(folder, one))))).includes(true);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
