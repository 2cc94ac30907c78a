import type { Mel } from "@hawksbill/audio";
import { mostVoiceClips } from "@hawksbill/tortoise";

/** The mels that stand for a voice when the model speaks. */
export function voiceMels(clips: readonly { readonly mel: Mel }[]): Mel[] {
  return clips.slice(0, mostVoiceClips).map(({ mel }) => mel);
}
