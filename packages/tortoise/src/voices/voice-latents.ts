import type { Audio, Mel } from "@hawksbill/audio";
import { encodePth, encodeSafetensors, openCheckpoint } from "@hawksbill/checkpoint";
import { disposeTree, type Tensor, tensor, toNumbers } from "@hawksbill/core";
import { TortoiseError } from "../tortoise-error.js";

/** A voice as TorToiSe's models take it: what they made of its clips, or of noise. */
export interface VoiceLatents {
  /** For UnifiedVoice, as many numbers as it is wide (1024). */
  readonly autoregressive: Float32Array;
  /** For the diffusion decoder, twice as many numbers as it is wide (2048); none for a model without one. */
  readonly diffusion?: Float32Array;
  /** The clips as UnifiedVoice heard them, which CVVP compares with; files of latents have none. */
  readonly mels?: readonly Mel[];
}

/** A voice that TorToiSe's diffusion decoder can take, too. */
export interface TortoiseLatents extends VoiceLatents {
  readonly diffusion: Float32Array;
}

/**
 * A voice between voices.
 *
 * @param parts Weights are shares of their sum; default 1 each.
 * @throws {TortoiseError} There is no voice, they differ in size, or a weight is negative or all are 0.
 */
export function blendVoices(
  parts: readonly { readonly voice: VoiceLatents; readonly weight?: number }[],
): VoiceLatents {
  const sum = parts.reduce((total, { weight = 1 }) => total + weight, 0);
  if (!(sum > 0 && sum < Infinity) || parts.some(({ weight = 1 }) => weight < 0))
    throw new TortoiseError(
      `blendVoices: ${parts.length} voices have weights of ${sum} in all; give one voice or more, with weights of 0 or more that are not all 0`,
    );
  const mean = (name: "autoregressive" | "diffusion"): Float32Array => {
    const length = parts[0]?.voice[name]?.length ?? 0;
    const blend = new Float32Array(length);
    for (const { voice, weight = 1 } of parts) {
      const numbers = voice[name] ?? [];
      if (numbers.length !== length)
        throw new TortoiseError(
          `blendVoices: the voices have ${length} and ${numbers.length} numbers; blend voices that one model made`,
        );
      for (let i = 0; i < length; i++)
        blend[i] = (blend[i] as number) + ((numbers[i] as number) * weight) / sum;
    }
    return blend;
  };
  const diffusion = mean("diffusion");
  const mels = parts.flatMap(({ voice }) => voice.mels ?? []);
  return {
    autoregressive: mean("autoregressive"),
    ...(diffusion.length > 0 ? { diffusion } : {}),
    ...(mels.length > 0 && parts.every(({ voice }) => voice.mels) ? { mels } : {}),
  };
}

/**
 * A voice's latents as the bytes of a file: safetensors, or the .pth of two tensors that TorToiSe reads.
 *
 * @throws {TortoiseError} A .pth is asked for, and the voice has no latent for the diffusion decoder.
 */
export function encodeVoice(
  { autoregressive, diffusion }: VoiceLatents,
  format: "safetensors" | "pth" = "safetensors",
): Uint8Array {
  const row = (data: Float32Array): Tensor => tensor(data, { shape: [1, data.length] });
  if (format === "pth" && !diffusion)
    throw new TortoiseError(
      "encodeVoice: a .pth holds two latents, and this voice has none for the diffusion decoder; write safetensors",
    );
  const rows = {
    autoregressive: row(autoregressive),
    ...(diffusion ? { diffusion: row(diffusion) } : {}),
  };
  try {
    return format === "pth" ? encodePth(Object.values(rows)) : encodeSafetensors(rows);
  } finally {
    disposeTree(rows);
  }
}

/** More numbers than latents have, and fewer than a clip has samples. */
const mostLatents = 16_384;

/**
 * A voice from the bytes of a file: latents as `encodeVoice` or TorToiSe wrote them, or the recordings (22,050 Hz)
 * that TorToiSe writes beside a voice's clips.
 *
 * @param source Bytes, a `File`, a URL, …: see `openCheckpoint` of @hawksbill/checkpoint.
 * @param file What errors call the file.
 * @throws {CheckpointError} The file is damaged or of another kind.
 * @throws {TortoiseError} It holds no voice.
 */
export async function decodeVoice(
  source: Parameters<typeof openCheckpoint>[0],
  file = "voice",
): Promise<VoiceLatents | readonly Audio[]> {
  const checkpoint = await openCheckpoint(source, { name: file });
  const { tensors } = checkpoint;
  try {
    const rows = Object.values(tensors);
    const { autoregressive = rows[0], diffusion = rows[1] } = tensors;
    if (rows.length === 0 || !rows.every(isRow)) throw noVoice(file, tensors);
    if (rows.every(({ size }) => size > mostLatents))
      return await Promise.all(
        rows.map(async (row) => ({ samples: await floats(row), sampleRateHz: 22_050 })),
      );
    if (rows.length === 1 && tensors.autoregressive)
      return { autoregressive: await floats(tensors.autoregressive) };
    if (rows.length !== 2 || !autoregressive || !diffusion) throw noVoice(file, tensors);
    return { autoregressive: await floats(autoregressive), diffusion: await floats(diffusion) };
  } finally {
    disposeTree(tensors);
    await checkpoint.close();
  }
}

function isRow({ dtype, shape }: Tensor): boolean {
  return (
    (dtype === "float32" || dtype === "float16") &&
    shape.slice(0, -1).every((length) => length === 1)
  );
}

async function floats(row: Tensor): Promise<Float32Array> {
  return (toNumbers(await row.data(), row.dtype) as Float32Array).slice();
}

function noVoice(file: string, tensors: Readonly<Record<string, Tensor>>): TortoiseError {
  const list = Object.entries(tensors).map(([name, { shape }]) => `${name} [${shape.join(", ")}]`);
  const held = list.slice(0, 3).join(", ") + (list.length > 3 ? ", …" : "");
  return new TortoiseError(
    `${file}: holds ${held || "no tensors"}; give the two latents of a voice, one row each`,
  );
}
