import {
  compile,
  openDevice,
  Random,
  type Tensor,
  tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { decodeCodes, dvaeLosses, encodeMel, encoder, initialiseDvae, splitDvae } from "./index.js";

// A clip that was padded, with anything, must give what it gives alone.

// Models this small are quicker on one thread, above all where other programs are busy.
const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
const random = new Random(7);
const weights = initialiseDvae(
  {
    channels: 4,
    tokens: 8,
    codebookDim: 3,
    hiddenDim: 4,
    resnetBlocks: 2,
    layers: 2,
    kernelSize: 3,
  },
  random,
);
const { parameters, codebook } = splitDvae(weights);

/** The first `frames` of each band; and the same with 5.0 behind, [1, 4, length]. */
function clip(frames: number, length: number): { alone: Tensor; padded: Tensor } {
  const alone = random.normal([1, 4, frames]);
  const data = new Float32Array(4 * length).fill(5);
  const values = alone.dataSync() as Float32Array;
  for (let band = 0; band < 4; band++)
    data.set(values.subarray(band * frames, (band + 1) * frames), band * length);
  return { alone, padded: tensor(data, { shape: [1, 4, length] }) };
}

const counts = (frames: number): Tensor => tensor(Int32Array.of(frames));
const numbers = (x: Tensor | undefined): number[] => Array.from(x?.dataSync() ?? [], Number);
/** The first `steps` of each of the rows that `x` has. */
const begin = (x: Tensor, rows: number, steps: number): number[] =>
  numbers(x).filter((_, i) => i % (x.size / rows) < steps);

function expectClose(got: number[], wanted: number[]): void {
  expect(got).toHaveLength(wanted.length);
  // Float32, sums in another order.
  got.forEach((x, i) => {
    expect(Math.abs(x - (wanted[i] as number))).toBeLessThan(1e-5);
  });
}

test.each([1, 2, 3, 4, 5, 13, 16])(
  "padding does not change how %i frames are encoded",
  async (frames) => {
    const run = compile(
      (w: Weights, x: Tensor, n?: Tensor) => ({
        encoded: encoder(w, x, { frames: n }),
        codes: encodeMel(w, x, { frames: n }),
      }),
      { device },
    );
    const { alone, padded } = clip(frames, 20);
    const a = await run(weights, alone);
    const b = await run(weights, padded, counts(frames));
    const codes = Math.ceil(frames / 4);
    expectClose(begin(b.encoded, 3, codes), numbers(a.encoded));
    expect(begin(b.codes, 1, codes)).toEqual(numbers(a.codes));
  },
);

test("padding does not change how codes are decoded", async () => {
  const run = compile(
    (w: Weights, codes: Tensor, n?: Tensor) => decodeCodes(w, codes, { frames: n }),
    { device },
  );
  const alone = await run(weights, tensor(Int32Array.of(3, 1, 2), { shape: [1, 3] }));
  const padded = await run(
    weights,
    tensor(Int32Array.of(3, 1, 2, 7, 7), { shape: [1, 5] }),
    counts(12),
  );
  expectClose(begin(padded, 4, 12), numbers(alone));
});

test("padding changes neither losses nor gradients", async () => {
  const run = compile(
    (p: Weights, x: Tensor, n?: Tensor) =>
      valueAndGradWithAux((q: Weights) => {
        const losses = dvaeLosses({ ...q, ...codebook }, x, { frames: n });
        const { loss, reconstructionLoss, commitmentLoss } = losses;
        return { loss, aux: { reconstructionLoss, commitmentLoss } };
      })(p),
    { device },
  );
  const { alone, padded } = clip(8, 16);
  const a = await run(parameters, alone);
  const b = await run(parameters, padded, counts(8));
  expectClose(numbers(b.aux.reconstructionLoss), numbers(a.aux.reconstructionLoss));
  expectClose(numbers(b.aux.commitmentLoss), numbers(a.aux.commitmentLoss));
  for (const [name, gradient] of Object.entries(a.grads))
    expectClose(numbers(b.grads[name]), numbers(gradient));
});

test("clips of different lengths weigh by their frames", async () => {
  const run = compile(
    (w: Weights, x: Tensor, n: Tensor) => dvaeLosses(w, x, { frames: n }).reconstructionLoss,
    { device },
  );
  const [short, long] = [clip(4, 12), clip(12, 12)];
  const both = tensor(Float32Array.of(...numbers(short.padded), ...numbers(long.padded)), {
    shape: [2, 4, 12],
  });
  const a = await (await run(weights, short.alone, counts(4))).item();
  const b = await (await run(weights, long.alone, counts(12))).item();
  const together = await (await run(weights, both, tensor(Int32Array.of(4, 12)))).item();
  expect(together).toBeCloseTo((4 * a + 12 * b) / 16, 5);
});

test("training wants whole codes, and the mel that the weights know", () => {
  const run = compile((w: Weights, x: Tensor) => dvaeLosses(w, x).loss, { device });
  expect(() => run.program(weights, random.normal([1, 4, 61]))).toThrow(
    "dvaeLosses: mel has 61 frames, which 4 does not divide; crop it to 60 frames, or pad it to 64 and give frames",
  );
  expect(() => run.program(weights, random.normal([1, 5, 64]))).toThrow(
    "encoder: mel is [1,5,64], wanted [batch, bands = 4, frames]; give the mel spectrogram that these weights were trained on",
  );
});
