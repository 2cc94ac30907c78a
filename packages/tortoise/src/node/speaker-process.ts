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
// Terminals, as Ctrl-C is pressed or their window closed, and systemd send these to both: what they mean is for the parent
// to say, and where it ends, this ends, too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

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
