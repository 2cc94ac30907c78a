import { appendFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { decodeMono } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import {
  type TensorBoardEvent,
  type TensorBoardSound,
  tensorBoardHeader,
  tensorBoardRecord,
} from "@hawksbill/trainer";
import { given } from "../given.js";
import { runFiles } from "./run-files.js";
import type { LoggedEvent } from "./run-log.js";

/**
 * The run for TensorBoard: its folder is given to `tensorboard --logdir`. It is made of the log, anew when a run
 * goes on, and so has each event once.
 */
export class TensorBoardFile {
  readonly #run: string;
  readonly #onProblem: (error: unknown) => void;
  /** Nothing before it is begun, or when it cannot be written. */
  #path: string | undefined;

  /** @param onProblem Told once if it cannot be written, which is no reason to stop training. */
  constructor(run: string, onProblem: (error: unknown) => void) {
    this.#run = run;
    this.#onProblem = onProblem;
  }

  /** Writes what is logged so far. */
  async begin(events: readonly LoggedEvent[]): Promise<void> {
    await this.#attempt(async () => {
      const folder = join(this.#run, runFiles.tensorboard);
      await mkdir(folder, { recursive: true });
      const began = events[0] ? unixSeconds(events[0]) : Date.now() / 1000;
      const parts = [tensorBoardHeader(began)];
      for (const event of events) parts.push(await this.#record(event));
      // A TensorBoard that is looking on goes from file to file by name; at no moment are there two.
      const path = join(folder, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.hawksbill`);
      const [earlier = path, ...others] = (await readdir(folder))
        .filter((name) => /^events\.out\.tfevents\.\d+\.hawksbill$/.test(name))
        .map((name) => join(folder, name));
      for (const other of others) await rm(other);
      await writeFileAtomic(earlier, Buffer.concat(parts));
      await rename(earlier, path);
      this.#path = path;
    });
  }

  async write(event: LoggedEvent): Promise<void> {
    const path = this.#path;
    if (path !== undefined)
      await this.#attempt(async () => appendFile(path, await this.#record(event)));
  }

  async #record(event: LoggedEvent): Promise<Uint8Array> {
    const points = scalars(event);
    if (points) return tensorBoardRecord({ ...points, unixSeconds: unixSeconds(event) });
    const sound = event.type === "sample" ? await this.#sound(event.file) : undefined;
    if (event.type !== "sample" || !sound) return new Uint8Array();
    const { step } = event;
    return tensorBoardRecord({ step, unixSeconds: unixSeconds(event), sounds: { sample: sound } });
  }

  /** Nothing if somebody took the file away. */
  async #sound(file: string): Promise<TensorBoardSound | undefined> {
    const wav = await readFile(join(this.#run, file)).catch(() => undefined);
    if (!wav) return undefined;
    const { samples, sampleRateHz } = await decodeMono(wav);
    return { wav, sampleRateHz, samples: samples.length };
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#path = undefined;
      this.#onProblem(error);
    }
  }
}

/** An event's numbers as points of curves; nothing if it has none. */
function scalars(event: LoggedEvent): Pick<TensorBoardEvent, "step" | "scalars"> | undefined {
  const { type } = event;
  switch (type) {
    case "step": {
      const { step, loss, metrics, learningRate, gradNorm, seconds, tokensPerSecond } = event;
      const speed = { seconds, ...given({ tokensPerSecond }) };
      const all = { loss, ...metrics, learningRate, gradNorm, ...speed };
      return { step, scalars: named("training", all) };
    }
    case "evaluation":
      return {
        step: event.step,
        scalars: named("heldOut", { loss: event.loss, ...event.metrics }),
      };
    case "decoderStep":
      return { step: event.step, scalars: { "decoder/training": event.loss } };
    case "decoderEvaluation":
      return { step: event.step, scalars: { "decoder/heldOut": event.loss } };
    default:
      return undefined;
  }
}

function named(group: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]),
  );
}

function unixSeconds({ time }: LoggedEvent): number {
  return Date.parse(time) / 1000;
}
