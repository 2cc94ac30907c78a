import { type Audio, type DecodedAudio, toMono } from "@hawksbill/audio";
import { Unusable } from "./unusable.js";

/** Below this (-80 dB of full scale) no sample of speech was recorded: the microphone was off. */
const silence = 1e-4;

/** Whether nothing was recorded. */
export function isSilent(samples: Float32Array): boolean {
  return samples.every((sample) => Math.abs(sample) < silence);
}

/** Less of their power than this is left where channels cancel one another. */
const leastShare = 0.02;

/**
 * One channel of all: the average of those in which there is sound.
 *
 * @throws {Unusable} Samples are no numbers, all channels are silent, or they cancel one another.
 */
export function mixDown(audio: DecodedAudio): Audio {
  if (!audio.channels.every((channel) => channel.every(Number.isFinite)))
    throw new Unusable(
      "not-numbers",
      "has samples that are no numbers",
      "save it again from the recording",
    );
  const channels = audio.channels.filter((channel) => !isSilent(channel));
  if (channels.length === 0)
    throw new Unusable("silent", "is silent", "record it again, or take the line out");
  const mono = toMono({ ...audio, channels });
  const powers = channels.map(power);
  if (power(mono.samples) < (leastShare * Math.max(...powers)) / channels.length)
    throw new Unusable(
      "opposite-channels",
      "has channels that cancel each other",
      "save one of its channels alone",
    );
  return mono;
}

function power(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}
