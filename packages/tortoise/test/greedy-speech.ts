import type { Device } from "@hawksbill/core";
import { conditioningFrames, type Model, speak } from "@hawksbill/tortoise";

/** The same speech wherever it is made: without randomness, in a voice of numbers. */
export async function greedySpeech(model: Model, device: Device) {
  const bands = 80;
  const data = Float32Array.from(
    { length: bands * conditioningFrames },
    (_, i) => 0.5 + 0.3 * Math.sin(i / 7) + 0.2 * Math.cos((i % conditioningFrames) / 5),
  );
  const voice = [{ data, bands, frames: conditioningFrames }];
  return speak({ model, device, voice, text: "Good morning.", sampling: "greedy", maxCodes: 40 });
}
