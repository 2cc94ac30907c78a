/** Starts a worker that is written in TypeScript. */
import { register } from "tsx/esm/api";

register();
await import("./training-worker.ts");
