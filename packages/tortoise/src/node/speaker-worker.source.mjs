// Starts the thread where sources are run: Node's threads do not inherit tsx.
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx is the repository's; this file is not published.
import { register } from "tsx/esm/api";

register();
await import("./speaker-worker.ts");
