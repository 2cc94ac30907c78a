import type { AdamCoefficients } from "./adam-coefficients.js";
import { instantiate } from "./adamw8bit.wasm.js";

/** What kernels/adamw8bit.ts exports. */
interface Kernel extends Readonly<Record<Constant, { readonly value: number }>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  adamW8bit(
    count: number,
    seed: number,
    gradientScale: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    stepSize: number,
    rootScale: number,
  ): void;
}

type Constant = "blockSize" | "callSize" | "w" | "g" | "m" | "rootV" | "mScale" | "rootVScale";

interface Moments {
  readonly m: Uint8Array;
  readonly mScale: Float32Array;
  readonly rootV: Uint8Array;
  readonly rootVScale: Float32Array;
}

/** Moves the weights `w` and their moments in place; the seed decides how these are rounded. */
export type HostStep8bit = (
  w: Float32Array,
  g: Float32Array,
  moments: Moments,
  coefficients: AdamCoefficients & { readonly seed: number },
) => void;

/** AdamW with moments in 8 bits, in WebAssembly: see `hostStep`. */
export function hostStep8bit(): HostStep8bit {
  const kernel = instantiate() as Kernel;
  const { buffer } = kernel.memory;
  const callSize = kernel.callSize.value;
  const blockSize = kernel.blockSize.value;
  const floats = (name: Constant, length = callSize) =>
    new Float32Array(buffer, kernel[name].value, length);
  const bytes = (name: Constant) => new Uint8Array(buffer, kernel[name].value, callSize);
  const [wPart, gPart, mPart, rootVPart] = [floats("w"), floats("g"), bytes("m"), bytes("rootV")];
  const mScalePart = floats("mScale", callSize / blockSize);
  const rootVScalePart = floats("rootVScale", callSize / blockSize);
  return (w, g, { m, mScale, rootV, rootVScale }, coefficients) => {
    const { gradientScale, beta1, beta2, epsilon, decay, stepSize, rootScale } = coefficients;
    for (let start = 0; start < w.length; start += callSize) {
      const end = Math.min(start + callSize, w.length);
      const count = end - start;
      if (count < callSize) for (const part of [gPart, mPart, rootVPart]) part.fill(0);
      const first = start / blockSize;
      const last = Math.ceil(end / blockSize);
      wPart.set(w.subarray(start, end));
      gPart.set(g.subarray(start, end));
      mPart.set(m.subarray(start, end));
      rootVPart.set(rootV.subarray(start, end));
      mScalePart.set(mScale.subarray(first, last));
      rootVScalePart.set(rootVScale.subarray(first, last));
      kernel.adamW8bit(
        count,
        coefficients.seed + 2 * first,
        gradientScale,
        beta1,
        beta2,
        epsilon,
        decay,
        stepSize,
        rootScale,
      );
      w.set(wPart.subarray(0, count), start);
      m.set(mPart.subarray(0, count), start);
      rootV.set(rootVPart.subarray(0, count), start);
      mScale.set(mScalePart.subarray(0, last - first), first);
      rootVScale.set(rootVScalePart.subarray(0, last - first), first);
    }
  };
}
