import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { type Audio, AudioError, decodeAudio, toMono } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { TortoiseError } from "../tortoise-error.js";
import { checkClip } from "../voices/conditioning-mels.js";
import { decodeVoice, encodeVoice, type VoiceLatents } from "../voices/voice-latents.js";

/** Names of files that are clips of a voice. */
export const clipFile = /\.(wav|mp3|flac|ogg|oga|opus)$/i;
/** Names of files that are latents of one. */
export const latentsFile = /\.(pth|safetensors)$/i;

/**
 * A voice as users keep it: a folder of clips, one clip, or a file of latents, alone or in a folder. In a folder with
 * clips, files of latents are passed over.
 *
 * @param options.mostClips Clips that are taken of a folder, the first by name; default all.
 * @returns What `speak` takes as `voice`.
 * @throws {TortoiseError} There is nothing of a voice in it, it cannot be read, or a clip is too short or silent.
 * @throws {CheckpointError} A file of latents is damaged or of another kind.
 */
export async function openVoice(
  path: string,
  options: { readonly mostClips?: number } = {},
): Promise<VoiceLatents | readonly Audio[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === "ENOENT" ? "there is no such file or folder" : "cannot be read";
    throw new TortoiseError(
      `${path}: ${problem}; give a folder of clips, a clip, or a file of latents`,
      { cause },
    );
  });
  if (!found.isDirectory())
    return latentsFile.test(path) ? openLatents(path) : [await openVoiceClip(path)];

  const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
  const clips = names.filter((name) => clipFile.test(name));
  const taken = clips.slice(0, options.mostClips);
  if (taken.length > 0) return Promise.all(taken.map((name) => openVoiceClip(join(path, name))));
  const [latents, ...more] = names.filter((name) => latentsFile.test(name));
  if (latents !== undefined && more.length === 0) return openLatents(join(path, latents));
  throw new TortoiseError(
    `${path}: holds no clips and ${latents === undefined ? "no" : `${1 + more.length} files of`} latents; give a folder with clips (wav, mp3, flac, ogg, opus) or with one .pth or .safetensors`,
  );
}

/**
 * Writes a voice's latents, as the name ends: .safetensors, or a .pth that TorToiSe reads.
 *
 * @throws {TortoiseError} It ends otherwise, and `openVoice` would not know it again.
 */
export async function saveVoice(path: string, voice: VoiceLatents): Promise<void> {
  if (!latentsFile.test(path))
    throw new TortoiseError(`${path}: give a name that ends in .safetensors or .pth`);
  const format = extname(path).toLowerCase() === ".pth" ? "pth" : "safetensors";
  await writeFileAtomic(path, encodeVoice(voice, format));
}

async function openLatents(path: string): Promise<VoiceLatents | readonly Audio[]> {
  return decodeVoice(await readFile(path), path);
}

/** @throws {TortoiseError} It is no clip that a voice could be heard of. */
async function openVoiceClip(path: string): Promise<Audio> {
  const clip = await openClip(path);
  checkClip(clip, `${path}:`);
  return clip;
}

/**
 * A recording, mono, as TorToiSe reads it: the left channel of a .wav, the mean of others' channels.
 *
 * @throws {TortoiseError} It cannot be decoded. An error of the file system: it cannot be read.
 */
export async function openClip(path: string): Promise<Audio> {
  const decoded = await decodeAudio(await readFile(path)).catch((cause: unknown) => {
    if (!(cause instanceof AudioError)) throw cause;
    throw new TortoiseError(`${path}: ${cause.message}`, { cause });
  });
  return toMono(decoded, /\.wav$/i.test(basename(path)) ? { channel: 0 } : {});
}
