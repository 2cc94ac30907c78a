import type { DecodedAudio } from "@hawksbill/audio";
import type { Span } from "./clip-entry.js";

/** How far an end may be moved outwards, away from the words, and inwards. */
const outwardsSeconds = 0.3;
const inwardsSeconds = 0.1;
/** Short against a pause, long against a voice's period. */
const stretchSeconds = 0.02;

/**
 * Moves the ends of a part to the quietest moments near them: the times of recognisers and subtitles
 * are often some tenths of a second early or late, and would cut words off.
 */
export function snapToPauses(
  audio: Pick<DecodedAudio, "channels" | "sampleRateHz">,
  span: Span,
): Span {
  const { startSeconds, endSeconds } = span;
  const seconds = (audio.channels[0]?.length ?? 0) / audio.sampleRateHz;
  const inwards = Math.min(inwardsSeconds, (endSeconds - startSeconds) / 4);
  return {
    startSeconds: quietest(
      audio,
      Math.max(0, startSeconds - outwardsSeconds),
      startSeconds + inwards,
    ),
    endSeconds: quietest(
      audio,
      endSeconds - inwards,
      Math.min(seconds, endSeconds + outwardsSeconds),
    ),
  };
}

/** The middle of the quietest stretch between two times; the recording's own end is quieter than all. */
function quietest(
  { channels, sampleRateHz }: Pick<DecodedAudio, "channels" | "sampleRateHz">,
  from: number,
  to: number,
): number {
  const count = channels[0]?.length ?? 0;
  const stretch = Math.max(1, Math.round(stretchSeconds * sampleRateHz));
  const first = Math.round(from * sampleRateHz);
  const last = Math.round(to * sampleRateHz) - stretch;
  let best = { at: first <= 0 ? 0 : from, power: Infinity };
  for (let start = first; start <= last; start += stretch) {
    let power = 0;
    for (const channel of channels)
      for (const sample of channel.subarray(start, start + stretch)) power += sample * sample;
    if (power < best.power) best = { at: (start + stretch / 2) / sampleRateHz, power };
  }
  if (best.power === Infinity) return Math.min(to, count / sampleRateHz);
  return best.at;
}
