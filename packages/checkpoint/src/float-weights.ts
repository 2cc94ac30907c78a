import {
  cast,
  mapTree,
  type Tensor,
  tensor,
  toFloat16Bits,
  toNumbers,
  type Weights,
} from "@hawksbill/core";
import { CheckpointError } from "./checkpoint-error.js";

/**
 * Weights ready to compute with: float16 tensors become float32, all others are kept as they are.
 *
 * @param weights On the host. Tensors that need no conversion are themselves in the result.
 */
export function toFloat32(weights: Weights): Record<string, Tensor> {
  return mapWeights(weights, (weight) => {
    if (weight.dtype !== "float16") return weight;
    return tensor(toNumbers(weight.dataSync(), weight.dtype), { shape: weight.shape });
  });
}

/** Weights as programs compute with them, for use inside `compile`: float16 becomes float32 there, on the device. */
export function inFloat32(weights: Weights): Weights {
  return mapTree(weights, (weight) => cast(weight, "float32"));
}

/**
 * Weights at half the size: float32 tensors become float16, rounded to nearest even; all others are kept.
 *
 * @param weights On the host. Tensors that need no conversion are themselves in the result.
 * @throws {CheckpointError} A finite element is beyond float16's largest, 65504.
 */
export function toFloat16(weights: Weights): Record<string, Tensor> {
  return mapWeights(weights, (weight, name) => {
    if (weight.dtype !== "float32") return weight;
    const floats = weight.dataSync();
    const halves = new Uint16Array(floats.length);
    for (let i = 0; i < halves.length; i++) {
      const value = floats[i] as number;
      const half = toFloat16Bits(value);
      if ((half & 0x7fff) === infinityBits && Number.isFinite(value))
        throw new CheckpointError(
          "toFloat16",
          `holds ${value}, beyond float16's largest number 65504; keep it in float32`,
          { tensor: name },
        );
      halves[i] = half;
    }
    return tensor(halves, { shape: weight.shape });
  });
}

const infinityBits = 0x7c00;

function mapWeights(
  weights: Weights,
  convert: (weight: Tensor, name: string) => Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, convert(weight, name)]),
  );
}
