import {
  compile,
  disposeTree,
  int8Matrix,
  matmul,
  openDevice,
  quantizeInt8,
  Random,
  type Tensor,
} from "@hawksbill/core";

/** What this machine can do at best, as far as this program can make it. */
export interface Rates {
  /** Floating-point operations of a large float32 matrix product. */
  readonly operationsPerSecond: number;
  /** The same of one in 8 bits, `int8Matrix`. */
  readonly int8OperationsPerSecond: number;
  /** Read and written by a large copy, or read by the product of one row and a large matrix, whichever is faster. */
  readonly bytesPerSecond: number;
}

export async function measureRates(): Promise<Rates> {
  const device = await openDevice("cpu");
  const random = new Random(0);
  const [a, b] = [random.normal([2048, 2048]), random.normal([2048, 2048])] as const;
  const bytes = await quantizeInt8(b, { transposed: false });
  const large = random.normal([8192, 8192]); // 256 MB: no cache holds it.
  const row = random.normal([1, 8192]);
  const seconds = async (x: Tensor, matrix: () => Tensor): Promise<number> => {
    const multiply = compile((y: Tensor) => matmul(y, matrix()), { device });
    const best = await fastest(async () => (await multiply(x)).dispose());
    await multiply.release();
    return best;
  };
  const operations = 2 * 2048 ** 3;
  const rates = {
    operationsPerSecond: operations / (await seconds(a, () => b)),
    int8OperationsPerSecond: operations / (await seconds(a, () => int8Matrix(bytes))),
    bytesPerSecond: Math.max(copyRate(), (4 * large.size) / (await seconds(row, () => large))),
  };
  await device.close();
  disposeTree([a, b, bytes, large, row]);
  return rates;
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
