import { AR_MEL, decodeMono } from "@hawksbill/audio";
import { type DatasetFacts, disposeModel, type Model, modelFiles } from "@hawksbill/tortoise";
import type { ClipPicture, GivenFile } from "../clips.js";
import {
  newRun,
  type Run,
  type RunClip,
  type RunEvent,
  runAfter,
  type Speech,
} from "../run/run.js";
import type { BaseFacts, BaseName, Settings, Suggestions } from "../settings.js";
import { baseFacts, openBase, openTrained } from "./bases.js";
import { deviceNamed } from "./devices.js";
import { bytesOf, type Folder, openFolder, readJson } from "./folder.js";
import { adapterFile, modelArchive } from "./keep-model.js";
import { clipPicture } from "./pictures.js";
import { expose } from "./remote.js";
import { suggestionsFor } from "./suggestions.js";
import { trainVoice } from "./train-voice.js";
import { speakInto, voiceMels } from "./voice.js";

const runFile = "run/run.json";

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

/** Trains models and speaks with them. */
export class ModelWorker {
  readonly #folder: Promise<Folder> = openFolder();
  #run: Run | undefined;
  #stop = new AbortController();

  /** The fine-tuning of last time; if it was under way when the page was closed, it has stopped. */
  async open(): Promise<Run | undefined> {
    const run = await readJson<Run>(await this.#folder, runFile);
    this.#run = run?.state === "running" ? runAfter(run, { type: "stopped" }) : run;
    return this.#run;
  }

  async base(name: BaseName): Promise<BaseFacts> {
    return this.#withBase(name, (model) => baseFacts(name, model));
  }

  /** Keeps a base of the user's own. @throws Files are missing, or are no model. */
  async keepBase(given: readonly GivenFile[]): Promise<BaseFacts> {
    const folder = await this.#folder;
    for (const name of Object.values(modelFiles)) {
      const file = given.find(({ path }) => path.split("/").at(-1) === name)?.file;
      if (!file)
        throw new Error(
          `${name} is not among the files; choose ${Object.values(modelFiles).join(", ")}`,
        );
      await folder.write(`base/${name}`, file);
    }
    return this.base("own");
  }

  async suggest(base: BaseName, rank: number, clips: DatasetFacts): Promise<Suggestions> {
    return this.#withBase(base, (model) => suggestionsFor(model, clips, rank));
  }

  /** Fine-tunes anew; the last one's model is forgotten. Returns when it has ended, however it did. */
  async start(
    settings: Settings,
    clips: readonly RunClip[],
    onEvent: (event: RunEvent) => void,
  ): Promise<void> {
    const folder = await this.#folder;
    await folder.remove("run");
    await folder.remove("model");
    this.#run = newRun(settings, clips);
    onEvent({ type: "started", settings, clips });
    await this.#train(onEvent);
  }

  /** Goes on where the last fine-tuning stopped. */
  async resume(onEvent: (event: RunEvent) => void): Promise<void> {
    if (!this.#run) throw new Error("There is no fine-tuning to go on with; start one.");
    const event = { type: "resumed", step: this.#run.savedStep } as const;
    this.#run = runAfter(this.#run, event);
    onEvent(event);
    await this.#train(onEvent);
  }

  /** Ends the fine-tuning after the step that is being made. */
  async stop(): Promise<void> {
    this.#stop.abort();
  }

  async speak(request: SpeakRequest, onProgress: (share: number) => void): Promise<Speech> {
    const folder = await this.#folder;
    const { text, seed, base, name } = request;
    const trained = request.model === "trained" ? await openTrained(folder) : undefined;
    const model = trained ?? (await openBase(base, folder));
    try {
      return await speakInto(folder, {
        model,
        text,
        seed,
        kind: "spoken",
        step: trained ? (this.#run?.step ?? 0) : 0,
        device: await deviceNamed(request.device),
        voice: await voiceMels(request.clips, folder),
        file: `spoken/${name}.wav`,
        onProgress,
      });
    } finally {
      disposeModel(model);
    }
  }

  async sound(file: string): Promise<Blob> {
    const sound = await (await this.#folder).read(file);
    if (!sound) throw new Error(`${file} is no longer there`);
    return new Blob([await bytesOf(sound)], { type: "audio/wav" });
  }

  async picture(file: string): Promise<ClipPicture> {
    const { samples } = await decodeMono(await bytesOf(await this.sound(file)), AR_MEL);
    return clipPicture(samples);
  }

  /** The adapter's file; undefined where all weights were trained. */
  async adapter(): Promise<Blob | undefined> {
    return (await this.#folder).read(adapterFile);
  }

  async archive(): Promise<Uint8Array> {
    return modelArchive(await this.#folder);
  }

  async #train(onEvent: (event: RunEvent) => void): Promise<void> {
    const folder = await this.#folder;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const tell = async (event: RunEvent): Promise<void> => {
      this.#run = runAfter(this.#run as Run, event);
      onEvent(event);
      if (isKept(event)) await folder.write(runFile, JSON.stringify(this.#run));
    };
    try {
      await trainVoice({ run: this.#run as Run, folder, signal, tell });
    } catch (error) {
      if (signal.aborted) return tell({ type: "stopped" });
      await tell({
        type: "failed",
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #withBase<T>(name: BaseName, use: (model: Model) => T): Promise<T> {
    const model = await openBase(name, await this.#folder);
    try {
      return use(model);
    } finally {
      disposeModel(model);
    }
  }
}

/** What must outlive the page; a step counts once it is saved. */
function isKept({ type }: RunEvent): boolean {
  return type !== "step" && type !== "decoderStep" && type !== "part";
}

expose(new ModelWorker());
