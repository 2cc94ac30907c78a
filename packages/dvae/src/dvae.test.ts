import type { Mel } from "@hawksbill/audio";
import { toFloat16 } from "@hawksbill/checkpoint";
import {
  compile,
  full,
  lazyTensor,
  liveTensors,
  NonFiniteError,
  openDevice,
  Random,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { Dvae, decodeCodes, encodeMel, initialiseDvae } from "./index.js";

// Models this small are quicker on one thread, above all where other programs are busy.
const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
const random = new Random(3);
const weights: Weights = initialiseDvae(
  {
    channels: 4,
    tokens: 8,
    codebookDim: 3,
    hiddenDim: 4,
    resnetBlocks: 1,
    layers: 2,
    kernelSize: 3,
  },
  random,
);
const dvae = Dvae.create(weights, device);

function noise(frames: number): Mel {
  return { data: random.normal([4, frames]).dataSync() as Float32Array, bands: 4, frames };
}

test.each([1, 4, 31, 32, 33, 300])(
  "encodes and decodes %i frames as the model does",
  async (frames) => {
    const mel = noise(frames);
    const codes = await dvae.encode(mel);
    const decoded = await dvae.decode(codes);

    const run = compile(
      (w: Weights, x: Tensor) => {
        const exact = encodeMel(w, x);
        return { exact, mel: decodeCodes(w, exact) };
      },
      { device },
    );
    const wanted = await run(weights, tensor(mel.data, { shape: [1, 4, frames] }));
    expect(codes).toEqual(wanted.exact.dataSync());
    expect([decoded.bands, decoded.frames]).toEqual([4, 4 * Math.ceil(frames / 4)]);
    const exact = wanted.mel.dataSync() as Float32Array;
    // Float32, sums in another order.
    expect(
      Math.max(...decoded.data.map((x, i) => Math.abs(x - (exact[i] as number)))),
    ).toBeLessThan(1e-5);
  },
);

test("lists give lists, also when calls overlap", async () => {
  const mels = [noise(10), noise(40), noise(7)];
  const [all, first] = await Promise.all([dvae.encode(mels), dvae.encode(mels[0] as Mel)]);
  expect(all.map((codes) => codes.length)).toEqual([3, 10, 2]);
  expect(all[0]).toEqual(first);
  expect((await dvae.decode(all)).map((mel) => mel.frames)).toEqual([12, 40, 8]);
  expect(await dvae.encode([])).toEqual([]);
});

test("keeps no tensors, and float16 weights will do", async () => {
  const halves = toFloat16(weights);
  const mel = noise(9);
  const before = liveTensors();
  const small = Dvae.create(halves, device);
  await small.decode(await small.encode(mel));
  await small.dispose();
  expect(liveTensors()).toBe(before);
  await expect(small.encode(mel)).rejects.toThrow(
    "Dvae.encode: this dVAE was disposed of; create another",
  );
});

test("reads what each direction needs of a file once, for clips of all lengths", async () => {
  const reads: string[] = [];
  const stored = Object.entries(weights).map(([name, weight]) => {
    const { buffer } = (weight.dataSync() as Float32Array).slice();
    const read = async () => {
      reads.push(name);
      return new Uint8Array(buffer);
    };
    return [name, lazyTensor({ read }, { shape: weight.shape, dtype: weight.dtype })];
  });
  const fromFile = Dvae.create(Object.fromEntries(stored), device);
  const mels = [noise(20), noise(20), noise(13), noise(4)];
  const codes = await fromFile.encode(mels);
  expect(codes).toEqual(await dvae.encode(mels));
  expect(await fromFile.decode(codes)).toEqual(await dvae.decode(codes));
  await fromFile.dispose();

  const names = Object.keys(weights);
  const coders = names.filter((name) => !name.startsWith("codebook."));
  expect(reads.sort()).toEqual([...coders, "codebook.embed", "codebook.embed"].sort());
});

test("refuses spectrograms and codes that are not this model's", async () => {
  await expect(dvae.encode({ ...noise(9), bands: 5 })).rejects.toThrow(
    "Dvae.encode: a mel spectrogram has 5 bands, 9 frames and 36 numbers; give 4 bands, 1 frame or more, and bands · frames numbers",
  );
  await expect(dvae.encode({ data: new Float32Array(), bands: 4, frames: 0 })).rejects.toThrow(
    "Dvae.encode: a mel spectrogram has 4 bands, 0 frames and 0 numbers",
  );
  const unheard = noise(9);
  unheard.data[7] = Number.NaN;
  await expect(dvae.encode(unheard)).rejects.toThrow(
    new RangeError("Dvae.encode: a mel spectrogram holds NaN at 7; give finite numbers"),
  );
  await expect(dvae.decode(Int32Array.of())).rejects.toThrow(
    "Dvae.decode: no codes; give one or more",
  );
  await expect(dvae.decode(Int32Array.of(1, 8))).rejects.toThrow(
    "Dvae.decode: code 8 is not in a codebook of 8; give 0 to 7 (take start and stop codes off first)",
  );
});

test("weights that are no numbers are told, and become no codes", async () => {
  const broken = { ...weights, "encoder.3.bias": full([3], Number.NaN) };
  const dvae = Dvae.create(broken, device);
  await expect(dvae.encode(noise(9))).rejects.toThrow(
    new NonFiniteError(
      "Dvae.encode: what the encoder gave is NaN or infinite; look for such numbers in the weights",
    ),
  );
  await dvae.dispose();
});
