import type { ClipNorm } from "./optimizer.js";

/** In four sums, which the processor adds up side by side; not finite exactly if one of the numbers is not. */
export function sumOfSquares(x: Float32Array): number {
  const whole = x.length - (x.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    a += (x[i] as number) * (x[i] as number);
    b += (x[i + 1] as number) * (x[i + 1] as number);
    c += (x[i + 2] as number) * (x[i + 2] as number);
    d += (x[i + 3] as number) * (x[i + 3] as number);
  }
  for (let i = whole; i < x.length; i++) a += (x[i] as number) * (x[i] as number);
  return a + b + c + d;
}

/** torch.nn.utils.clip_grad_norm_ adds this to the length, so that 0 can be divided by it. */
const clipEpsilon = 1e-6;

/** What gradients are to be multiplied by, given their lengths: those of groups, or of weights. */
export function clipFactors(norms: readonly number[], { norm, by }: ClipNorm): number[] {
  const together = Math.hypot(...norms);
  return norms.map((own) => Math.min(1, norm / ((by === "all" ? together : own) + clipEpsilon)));
}

/** Bounds each number of an array, in place. */
export function clipValues(array: Float32Array, bound: number): void {
  for (let i = 0; i < array.length; i++)
    array[i] = Math.max(-bound, Math.min(bound, array[i] as number));
}
