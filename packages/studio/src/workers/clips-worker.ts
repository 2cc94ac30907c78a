import { AR_MEL, decodeMono } from "@hawksbill/audio";
import { clipLimits, disposeModel } from "@hawksbill/tortoise";
import { type CallContext, serve } from "@hawksbill/worker";
import type { Clip, ClipPicture, Examined, GivenFile } from "../clips.js";
import type { BaseName } from "../settings.js";
import { openBase } from "./bases.js";
import { ClipStore } from "./clip-store.js";
import { embeddedVoice } from "./embedded-voice.js";
import { examineClips } from "./examine-clips.js";
import { findClips } from "./find-clips.js";
import { bytesOf, openFolder } from "./folder.js";
import { givenFiles } from "./given-files.js";
import { clipPicture } from "./pictures.js";
import { stream } from "./stream.js";
import { voiceArchive } from "./voice-archive.js";

const opened = openFolder().then((folder) => new ClipStore(folder));

const handlers = {
  /** The clips of last time. */
  async open(): Promise<readonly Clip[]> {
    return (await opened).clips();
  },

  /** Adds what can be heard among files. */
  async add(given: readonly GivenFile[]): Promise<readonly Clip[]> {
    return (await opened).add(await findClips(givenFiles(given)));
  },

  async addRecording(recording: {
    readonly wav: Blob;
    readonly name: string;
    readonly text: string;
  }): Promise<readonly Clip[]> {
    const { wav, name, text } = recording;
    return (await opened).add([{ name, text, extension: "wav", bytes: () => bytesOf(wav) }]);
  },

  async addEmbeddedVoice(): Promise<readonly Clip[]> {
    return handlers.add(await embeddedVoice());
  },

  async change({ id, ...change }: Pick<Clip, "id"> & Partial<Clip>): Promise<readonly Clip[]> {
    return (await opened).change(id, change);
  },

  async remove(ids: readonly string[]): Promise<readonly Clip[]> {
    return (await opened).remove(ids);
  },

  /** Looks for all that can be wrong with the clips: how far it is, 0 to 1, and at the end what was found. */
  examine(base: BaseName, { signal }: CallContext): AsyncGenerator<number | Examined> {
    return stream(async (tell) => {
      const store = await opened;
      const model = await openBase(base, store.folder);
      disposeModel(model); // Its vocabulary and sizes are enough.
      const examined = await examineClips(await store.clips(), store.folder, {
        tokenizer: model.tokenizer,
        ...clipLimits(model),
        signal,
        onProgress: ({ done, total }) => tell(done / Math.max(1, total)),
      });
      tell(examined);
    });
  },

  async picture(id: string): Promise<ClipPicture> {
    const { samples } = await decodeMono(await bytesOf(await handlers.sound(id)), AR_MEL);
    return clipPicture(samples);
  },

  async sound(id: string): Promise<Blob> {
    return (await opened).sound(id);
  },

  /** The clips as a dataset in a zip. */
  async archive(): Promise<Uint8Array> {
    const store = await opened;
    return voiceArchive(await store.clips(), store.folder);
  },
};

export type ClipsWorker = typeof handlers;

serve(handlers);
