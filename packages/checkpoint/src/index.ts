export { CheckpointError } from "./checkpoint-error.js";
export { decodeSafetensors, type Safetensors } from "./decode-safetensors.js";
export { encodeSafetensors } from "./encode-safetensors.js";
export { expectShapes } from "./expect-shapes.js";
export { toFloat16, toFloat32 } from "./float-weights.js";
