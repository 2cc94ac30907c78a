import type { ClipsWorker } from "../workers/clips-worker.js";
import type { ModelWorker } from "../workers/model-worker.js";
import { connect, type Remote } from "./remote.js";

/** Keeps the clips. */
export const clipsWorker: Remote<ClipsWorker> = connect(
  new Worker(new URL("../workers/clips-worker.ts", import.meta.url), {
    type: "module",
    name: "clips",
  }),
);

/** Trains and speaks. */
export const modelWorker: Remote<ModelWorker> = connect(
  new Worker(new URL("../workers/model-worker.ts", import.meta.url), {
    type: "module",
    name: "model",
  }),
);
