import { newRun, type Run, type RunClip, type RunEvent, runAfter } from "../run/run.js";
import type { Settings } from "../settings.js";
import { type Folder, readJson } from "./folder.js";
import { trainVoice } from "./train-voice.js";

const runFile = "run/run.json";

/** The one fine-tuning in the studio's folder: what happens to it is kept, and outlives the page. */
export class RunStore {
  readonly #folder: Folder;
  #run: Run | undefined;

  private constructor(folder: Folder, run: Run | undefined) {
    this.#folder = folder;
    this.#run = run;
  }

  /** A fine-tuning that was under way when the page was closed has stopped. */
  static async open(folder: Folder): Promise<RunStore> {
    const run = await readJson<Run>(folder, runFile);
    const wasOpen = run?.state === "running";
    return new RunStore(folder, wasOpen ? runAfter(run, { type: "stopped" }) : run);
  }

  get run(): Run | undefined {
    return this.#run;
  }

  /** Fine-tunes anew; the last one's model is forgotten. */
  async *start(
    settings: Settings,
    clips: readonly RunClip[],
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent> {
    await this.#folder.remove("run");
    await this.#folder.remove("model");
    this.#run = newRun(settings, clips);
    yield* this.#train({ type: "started", settings, clips }, signal);
  }

  /** Goes on where the last fine-tuning stopped. @throws There is none. */
  async *resume(signal: AbortSignal): AsyncGenerator<RunEvent> {
    if (!this.#run) throw new Error("There is no fine-tuning to go on with; start one.");
    yield* this.#train({ type: "resumed", step: this.#run.savedStep }, signal);
  }

  async *#train(first: RunEvent, signal: AbortSignal): AsyncGenerator<RunEvent> {
    yield await this.#kept(first);
    const run = this.#run as Run;
    try {
      for await (const event of trainVoice({ run, folder: this.#folder, signal }))
        yield await this.#kept(event);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      yield await this.#kept(signal.aborted ? { type: "stopped" } : { type: "failed", message });
    }
  }

  async #kept(event: RunEvent): Promise<RunEvent> {
    this.#run = this.#run && runAfter(this.#run, event);
    if (outlivesPage(event)) await this.#folder.write(runFile, JSON.stringify(this.#run));
    return event;
  }
}

/** A step counts once it is saved. */
function outlivesPage({ type }: RunEvent): boolean {
  return type !== "step" && type !== "decoderStep" && type !== "part";
}
