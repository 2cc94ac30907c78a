import type { Mel } from "@hawksbill/audio";

/** More clips of a voice than this change its mean little, but each takes time. */
export const mostVoiceClips = 32;

/** The mels that stand for a voice when the model speaks. */
export function voiceMels(clips: readonly { readonly mel: Mel }[]): Mel[] {
  return clips.slice(0, mostVoiceClips).map(({ mel }) => mel);
}
