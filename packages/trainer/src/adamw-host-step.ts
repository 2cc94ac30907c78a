import type { AdamCoefficients } from "./adam-coefficients.js";
import { instantiate } from "./adamw.wasm.js";

/** What kernels/adamw.ts exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly blockSize: { readonly value: number };
  adamW(
    count: number,
    gradientScale: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    stepSize: number,
    rootScale: number,
  ): void;
}

interface Moments {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Moves the weights `w` and their moments in place. */
export type HostStep = (
  w: Float32Array,
  g: Float32Array,
  moments: Moments,
  coefficients: AdamCoefficients,
) => void;

/**
 * AdamW in WebAssembly, which has vector instructions and rounds alike everywhere. It reaches its own memory only, so a
 * block at a time is copied there and back.
 */
export function hostStep(): HostStep {
  const { adamW, blockSize, memory } = instantiate() as Kernel;
  const size = blockSize.value;
  const block = (i: number) => new Float32Array(memory.buffer, 4 * size * i, size);
  const [wBlock, gBlock, mBlock, vBlock] = [block(0), block(1), block(2), block(3)];
  return (w, g, { m, v }, coefficients) => {
    const { gradientScale, beta1, beta2, epsilon, decay, stepSize, rootScale } = coefficients;
    for (let start = 0; start < w.length; start += size) {
      const end = Math.min(start + size, w.length);
      const count = end - start;
      wBlock.set(w.subarray(start, end));
      gBlock.set(g.subarray(start, end));
      mBlock.set(m.subarray(start, end));
      vBlock.set(v.subarray(start, end));
      adamW(count, gradientScale, beta1, beta2, epsilon, decay, stepSize, rootScale);
      w.set(wBlock.subarray(0, count), start);
      m.set(mBlock.subarray(0, count), start);
      v.set(vBlock.subarray(0, count), start);
    }
  };
}
