export { openCheckpoint } from "./open-checkpoint.js";
export { readSafetensors } from "./read-safetensors.js";
export { writeFileAtomic } from "./write-file-atomic.js";
export { writeSafetensors } from "./write-safetensors.js";
