/** The process of `openSpeakerProcess`. */
import { openDevice } from "@hawksbill/core";
import { serveSpeaker } from "../thread/serve-speaker.js";
import { openSpeaker } from "./open-speaker.js";
import type { SpeakerProcessOptions } from "./open-speaker-process.js";

/** What the process is started with, as JSON. */
export interface SpeakerProcessInput extends Omit<SpeakerProcessOptions, "onFallback"> {
  readonly folder: string;
}

process.on("disconnect", () => process.exit()); // Who asked is gone.
process.on("SIGINT", () => undefined); // A terminal sends Ctrl-C to both: what it means is for the parent to say.

const input = JSON.parse(process.argv[2] as string) as SpeakerProcessInput;
const { folder, device: name, threads, products, ...options } = input;
serveSpeaker(async (onFallback) => {
  const device = await openDevice(name, {
    ...(threads === undefined ? {} : { threads }),
    ...(products === undefined ? {} : { products }),
    onFallback,
  });
  return openSpeaker(folder, device, options);
}, process);
