import type { Work } from "./work.js";
import { audioWorks } from "./works/audio.js";
import { decodeWorks } from "./works/decode.js";
import { speechWorks } from "./works/speech.js";
import { startWorks } from "./works/start.js";

/** All that `npm run bench` measures, in the order of its table. */
export const works: readonly Work[] = [
  ...decodeWorks,
  ...speechWorks,
  ...audioWorks,
  ...startWorks,
];
