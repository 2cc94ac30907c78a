import { connect, type Handlers, type Remote } from "@hawksbill/worker";
import type { ClipsWorker } from "../workers/clips-worker.js";
import type { ModelWorker } from "../workers/model-worker.js";

/** Keeps the clips. */
export const clipsWorker = lasting<ClipsWorker>(
  () =>
    new Worker(new URL("../workers/clips-worker.ts", import.meta.url), {
      type: "module",
      name: "clips",
    }),
);

/** Trains and speaks. */
export const modelWorker = lasting<ModelWorker>(
  () =>
    new Worker(new URL("../workers/model-worker.ts", import.meta.url), {
      type: "module",
      name: "model",
    }),
);

/** A worker that, should it end, is started anew by the next call; those under way fail with a `WorkerError`. */
function lasting<H extends Handlers>(start: () => Worker): Remote<H> {
  let connection: ReturnType<typeof connect<H>> | undefined;
  const connected = (): Remote<H> => {
    if (!connection) {
      connection = connect<H>(start());
      connection.ended.then(() => {
        connection = undefined;
      });
    }
    return connection.remote;
  };
  connected();
  return new Proxy({} as Remote<H>, { get: (_, name) => connected()[name as keyof H] });
}
