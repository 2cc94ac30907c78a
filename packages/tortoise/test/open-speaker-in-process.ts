/** Opens the speaker of a folder, and tells whoever forked it. */
import { openSpeakerProcess } from "../src/node/open-speaker-process.js";

await openSpeakerProcess(process.argv[2] as string, { device: "cpu", threads: 1 });
process.send?.("opened");
setInterval(() => undefined, 1000); // Until it is killed.
