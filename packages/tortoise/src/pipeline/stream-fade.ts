import type { Audio } from "@hawksbill/audio";
import { fade, fadeSamples, joinAudio } from "../join-audio.js";
import type { StreamedSpeech } from "../speaker.js";

/** A sound in chunks with its ends faded, as `joinAudio` fades them: the last few samples wait for what comes. */
export async function* fadedEnds(
  parts: AsyncIterable<Audio | StreamedSpeech>,
): AsyncGenerator<Audio | StreamedSpeech> {
  let waiting: Audio | undefined;
  let begun = false;
  for await (const part of parts) {
    if (!("samples" in part)) {
      if (waiting && begun) fade(waiting.samples, "end", waiting.samples.length);
      if (waiting) yield begun ? waiting : joinAudio([waiting]).audio;
      yield part;
      return;
    }
    const { sampleRateHz } = part;
    const all = behind(waiting?.samples, part.samples);
    const count = fadeSamples(sampleRateHz);
    const ready = all.length > 2 * count ? all.length - count : 0;
    const samples = all.slice(0, ready);
    waiting = { samples: all.slice(ready), sampleRateHz };
    if (ready === 0) continue;
    if (!begun) fade(samples, "start", count);
    begun = true;
    yield { samples, sampleRateHz };
  }
}

function behind(first: Float32Array | undefined, second: Float32Array): Float32Array {
  const all = new Float32Array((first?.length ?? 0) + second.length);
  if (first) all.set(first);
  all.set(second, first?.length ?? 0);
  return all;
}
