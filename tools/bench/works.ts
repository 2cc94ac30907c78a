import type { Work } from "./work.js";
import { audioWorks } from "./works/audio.js";
import { decodeWorks } from "./works/decode.js";
import { loadWorks } from "./works/load.js";
import { speakWorks } from "./works/speak.js";
import { speechWorks } from "./works/speech.js";
import { startWorks } from "./works/start.js";
import { trainWorks } from "./works/train.js";
import { webWorks } from "./works/web.js";

/** All that `npm run bench` measures, in the order of its table. */
export const works: readonly Work[] = [
  ...trainWorks,
  ...decodeWorks,
  ...speechWorks,
  ...speakWorks,
  ...audioWorks,
  ...loadWorks,
  ...startWorks,
  ...webWorks,
];
