import { AR_MEL, decodeMono } from "@hawksbill/audio";
import { type DatasetFacts, disposeModel, type Model } from "@hawksbill/tortoise";
import { type CallContext, serve } from "@hawksbill/worker";
import type { ClipPicture, GivenFile } from "../clips.js";
import type { ResumeSettings, Run, RunClip, RunEvent, RunRequest, Speech } from "../run/run.js";
import type { BaseFacts, BaseName, Settings, Suggestions } from "../settings.js";
import { baseFacts, keepBase, openBase, openTrained } from "./bases.js";
import { deviceNamed, forgetIfLost } from "./devices.js";
import { bytesOf, openFolder } from "./folder.js";
import { adapterFile, modelArchive } from "./keep-model.js";
import { clipPicture } from "./pictures.js";
import { RunStore } from "./run-store.js";
import { stream } from "./stream.js";
import { suggestionsFor } from "./suggestions.js";
import { speakInto, voiceMels } from "./voice.js";

const opened = openFolder();
const runs = opened.then((folder) => new RunStore(folder));

/** What to say, and with which model. */
export interface SpeakRequest {
  readonly text: string;
  readonly seed: number;
  readonly model: "base" | "trained";
  readonly base: BaseName;
  readonly device: Settings["device"];
  /** Whose voice it is. */
  readonly clips: readonly RunClip[];
  /** A name for the file that nothing else has. */
  readonly name: string;
}

const handlers = {
  /** The fine-tuning of last time. */
  async open(): Promise<Run | undefined> {
    return (await runs).run();
  },

  base(name: BaseName): Promise<BaseFacts> {
    return withBase(name, (model) => baseFacts(name, model));
  },

  /** Keeps a base of the user's own. @throws Files are missing, or are no model. */
  async keepBase(given: readonly GivenFile[]): Promise<BaseFacts> {
    return keepBase(given, await opened);
  },

  /** The settings that suit clips and base. */
  suggest(request: {
    readonly base: BaseName;
    readonly rank: number;
    readonly clips: DatasetFacts;
  }): Promise<Suggestions> {
    const { base, rank, clips } = request;
    return withBase(base, (model) => suggestionsFor(model, clips, rank));
  },

  /** Fine-tunes anew, until it ends or is aborted; the last one's model is forgotten. */
  async *train(request: RunRequest, { signal }: CallContext): AsyncGenerator<RunEvent> {
    yield* (await runs).start(request, signal);
  },

  /** Goes on where the last fine-tuning stopped. */
  async *resume(settings: ResumeSettings, { signal }: CallContext): AsyncGenerator<RunEvent> {
    yield* (await runs).resume(settings, signal);
  },

  /** Speaks: how far it is, 0 to 1, and at the end what was spoken. */
  speak(request: SpeakRequest): AsyncGenerator<number | Speech> {
    return stream(async (tell) => {
      const folder = await opened;
      const { text, seed, base, name } = request;
      const isTrained = request.model === "trained";
      const model = await (isTrained ? openTrained(folder) : openBase(base, folder));
      try {
        const speech = await speakInto(folder, {
          model,
          text,
          seed,
          kind: "spoken",
          step: isTrained ? ((await (await runs).run())?.modelStep ?? 0) : 0,
          device: await deviceNamed(request.device),
          voice: await voiceMels(request.clips, folder),
          file: `spoken/${name}.wav`,
          onProgress: tell,
        });
        tell(speech);
      } catch (error) {
        await forgetIfLost(request.device, error);
        throw error;
      } finally {
        disposeModel(model);
      }
    });
  },

  /** Forgets what was spoken on demand. */
  async forgetSpoken(): Promise<void> {
    await (await opened).remove("spoken");
  },

  /** Something that was spoken. */
  async sound(file: string): Promise<Blob> {
    const sound = await (await opened).read(file);
    if (!sound) throw new Error(`${file} is no longer there`);
    return sound;
  },

  async picture(file: string): Promise<ClipPicture> {
    const { samples } = await decodeMono(await bytesOf(await handlers.sound(file)), AR_MEL);
    return clipPicture(samples);
  },

  /** The adapter's file; undefined where all weights were trained. */
  async adapter(): Promise<Blob | undefined> {
    return (await opened).read(adapterFile);
  },

  /** The trained model in a zip. */
  async archive(): Promise<Uint8Array> {
    return modelArchive(await opened);
  },
};

export type ModelWorker = typeof handlers;

serve(handlers);

async function withBase<T>(name: BaseName, use: (model: Model) => T): Promise<T> {
  const model = await openBase(name, await opened);
  try {
    return use(model);
  } finally {
    disposeModel(model);
  }
}
