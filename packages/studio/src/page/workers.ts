import { connect } from "@hawksbill/worker";
import type { ClipsWorker } from "../workers/clips-worker.js";
import type { ModelWorker } from "../workers/model-worker.js";

/** Keeps the clips. */
export const clipsWorker = connect<ClipsWorker>(
  new Worker(new URL("../workers/clips-worker.ts", import.meta.url), {
    type: "module",
    name: "clips",
  }),
).remote;

/** Trains and speaks. */
export const modelWorker = connect<ModelWorker>(
  new Worker(new URL("../workers/model-worker.ts", import.meta.url), {
    type: "module",
    name: "model",
  }),
).remote;
