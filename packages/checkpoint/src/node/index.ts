export { openCheckpoint } from "./open-checkpoint.js";
export { readSafetensors } from "./read-safetensors.js";
export { writeFileAtomic } from "./write-file-atomic.js";
export { writePth } from "./write-pth.js";
export { writeSafetensors } from "./write-safetensors.js";
export { writeSafetensorsShards } from "./write-safetensors-shards.js";
