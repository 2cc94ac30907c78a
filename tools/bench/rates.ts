import { compile, matmul, openDevice, Random } from "@hawksbill/core";

/** What this machine can do at best, as far as this program can make it. */
export interface Rates {
  /** Floating-point operations of a large float32 matrix product. */
  readonly operationsPerSecond: number;
  /** Read and written by a large copy. */
  readonly bytesPerSecond: number;
}

export async function measureRates(): Promise<Rates> {
  return {
    operationsPerSecond: await productRate(),
    bytesPerSecond: copyRate(),
  };
}

async function productRate(): Promise<number> {
  const size = 2048;
  const device = await openDevice("cpu");
  const random = new Random(0);
  const [a, b] = [random.normal([size, size]), random.normal([size, size])];
  const multiply = compile(matmul, { device });
  (await multiply(a, b)).dispose();
  const seconds = await fastest(async () => (await multiply(a, b)).dispose());
  await device.close();
  a.dispose();
  b.dispose();
  return (2 * size ** 3) / seconds;
}

function copyRate(): number {
  const from = new Float32Array(2 ** 26).fill(1); // 256 MB: no cache holds it.
  const to = new Float32Array(from.length).fill(2);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    to.set(from);
    best = Math.min(best, (performance.now() - began) / 1000);
  }
  return (2 * from.byteLength) / best;
}

async function fastest(work: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i++) {
    const began = performance.now();
    await work();
    best = Math.min(best, (performance.now() - began) / 1000);
  }
  return best;
}
