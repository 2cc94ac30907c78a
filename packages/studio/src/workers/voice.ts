import { AR_MEL, arMel, decodeMono, encodeWav, type Mel } from "@hawksbill/audio";
import type { Device } from "@hawksbill/core";
import { type Model, mostVoiceClips, speak } from "@hawksbill/tortoise";
import type { RunClip, Speech } from "../run/run.js";
import { bytesOf, type Folder } from "./folder.js";

/**
 * The mels that stand for a voice when a model speaks: of its first clips that are still there.
 *
 * @throws None is.
 */
export async function voiceMels(clips: readonly RunClip[], folder: Folder): Promise<Mel[]> {
  const mels: Mel[] = [];
  for (const { file } of clips) {
    if (mels.length === mostVoiceClips) break;
    const sound = await folder.read(file);
    if (sound) mels.push(arMel((await decodeMono(await bytesOf(sound), AR_MEL)).samples));
  }
  if (mels.length === 0)
    throw new Error("All clips of this voice were removed; add clips, and start over with them.");
  return mels;
}

export interface SpeechOrder {
  readonly model: Model;
  readonly device: Device;
  readonly voice: readonly Mel[];
  readonly text: string;
  readonly seed: number;
  readonly kind: Speech["kind"];
  readonly step: number;
  /** In the studio's folder. */
  readonly file: string;
  readonly onProgress?: (share: number) => void;
}

/** Speaks into a file. */
export async function speakInto(folder: Folder, order: SpeechOrder): Promise<Speech> {
  const { model, device, text, seed, kind, step, file, onProgress } = order;
  const voice = order.voice.slice(0, mostVoiceClips);
  const { audio, stopped } = await speak({
    ...{ model, device, voice, text, seed },
    onProgress: ({ done, of }) => onProgress?.(done / of), // Of a stage; nearly all of it are the codes.
  });
  await folder.write(file, encodeWav(audio));
  const seconds = audio.samples.length / audio.sampleRateHz;
  return { kind, text, file, seconds, step, stopped };
}
