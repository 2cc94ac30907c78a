// Starts the process where sources are run.
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx is the repository's; this file is not published.
import { register } from "tsx/esm/api";

register();
await import("./speaker-process.ts");
