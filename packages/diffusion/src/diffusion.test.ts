import type { Mel } from "@hawksbill/audio";
import { toFloat16, toFloat32 } from "@hawksbill/checkpoint";
import {
  compile,
  type Device,
  full,
  lazyTensor,
  liveTensors,
  NonFiniteError,
  openDevice,
  Random,
  ShapeError,
  slice,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import {
  conditioningLatent,
  Diffusion,
  denoise,
  framesFor,
  guidedDenoise,
  initialiseDiffusion,
  type SampleOptions,
} from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
const random = new Random(3);
const config = { bands: 4, modelChannels: 8, heads: 2, layers: 1, latentChannels: 6, tokens: 10 };
/** Nothing is 0, so that every part counts. */
const weights: Weights = Object.fromEntries(
  Object.entries(initialiseDiffusion(config, random)).map(([name, x]) => [
    name,
    x.shape.length === 3 ? numbers(x.shape, 0.4) : x,
  ]),
);
const model = Diffusion.create(weights, device);

function numbers(shape: readonly number[], scale = 1): Tensor {
  const x = random.normal(shape);
  const data = x.dataSync() as Float32Array;
  return tensor(
    data.map((v) => v * scale),
    { shape },
  );
}

function clip(frames: number): Mel {
  return { data: random.normal([4, frames]).dataSync() as Float32Array, bands: 4, frames };
}

const conditioning = random.normal([16]).dataSync() as Float32Array;
const latents = random.normal([5, 6]).dataSync() as Float32Array;
const few: SampleOptions = { latents, conditioning, steps: 4, random: new Random(1) };

test("a seed repeats a mel, another gives another", async () => {
  const first = await model.sample(few);
  const again = await model.sample({ ...few, random: new Random(1) });
  const other = await model.sample({ ...few, random: new Random(2) });
  expect([first.bands, first.frames]).toEqual([4, framesFor(5)]);
  expect(again).toEqual(first);
  expect(other.data).not.toEqual(first.data);
});

test("a mel is within the logs that the model knows", async () => {
  const { data } = await model.sample(few);
  expect(Math.min(...data)).toBeGreaterThanOrEqual(Math.fround(Math.log(1e-5)));
  expect(Math.max(...data)).toBeLessThanOrEqual(Math.fround(2.3143386840820312));
});

test.each(["ancestral", "ddim", "dpm++2m"] as const)("%s speaks codes, too", async (sampler) => {
  const { latents: _, ...rest } = few as SampleOptions & { latents: unknown };
  const noisy = sampler === "ddim" ? { eta: 0.3 } : {};
  const { data } = await model.sample({ ...rest, codes: [9, 0, 3], sampler, frames: 20, ...noisy });
  expect(data).toHaveLength(4 * 20);
});

test("the two branches of guidance, asked at once, are those asked apart", async () => {
  const inputs = {
    x: numbers([1, 4, 9]),
    speech: numbers([2, 8, 9]),
    modulations: numbers([1, 7, 16]),
    guidance: tensor([1.5]),
  };
  const run = compile(
    (w: Weights, { x, guidance, ...rest }: typeof inputs) => ({
      both: guidedDenoise(w, x, { ...rest, guidance }),
      apart: [0, 1].map((i) =>
        denoise(w, x, { ...rest, speech: slice(rest.speech, { axis: 0, start: i, end: i + 1 }) }),
      ),
    }),
    { device },
  );
  const { both, apart } = await run(weights, inputs);
  const [told, untold] = apart.map((x) => x.dataSync() as Float32Array) as [
    Float32Array,
    Float32Array,
  ];
  const wanted = told.map((x, i) => (i < 4 * 9 ? 2.5 * x - 1.5 * (untold[i] as number) : x));
  both.dataSync().forEach((x, i) => {
    expect(x).toBeCloseTo(wanted[i] as number, 4);
  });
});

test("without guidance the model is asked for one branch only, with the same result", async () => {
  const none = await model.sample({ ...few, guidance: 0 });
  const hardlyAny = await model.sample({ ...few, guidance: 1e-9 });
  none.data.forEach((x, i) => {
    expect(x).toBeCloseTo(hardlyAny.data[i] as number, 3);
  });
  const much = await model.sample({ ...few, guidance: 2 });
  expect(much.data).not.toEqual(none.data);
  const constant = await model.sample({ ...few, guidance: 2, guidanceCourse: "constant" });
  expect(constant.data).not.toEqual(much.data);
});

test("matrices in 8 bits give nearly the same mel, and are freed", async () => {
  const wanted = await model.sample(few);
  const before = liveTensors();
  const rounded = Diffusion.create(weights, device, { weights: "int8" });
  const { data } = await rounded.sample({ ...few, random: new Random(1) });
  await rounded.dispose();
  const error = Math.hypot(...data.map((x, i) => x - (wanted.data[i] as number)));
  expect(error).toBeGreaterThan(0);
  // Of 8 channels, in four steps behind one another, away from what is said without guidance.
  expect(error / Math.hypot(...wanted.data)).toBeLessThan(0.1);
  expect(liveTensors()).toBe(before);
});

test("disposed of while its matrices are rounded, it frees them", async () => {
  const before = liveTensors();
  const rounded = Diffusion.create(weights, device, { weights: "int8" });
  const sampling = rounded.sample({ ...few, random: new Random(1) });
  const refused = expect(sampling).rejects.toThrow("this decoder was disposed of");
  await rounded.dispose();
  await refused;
  expect(liveTensors()).toBe(before);
});

test("progress tells each step", async () => {
  const seen: string[] = [];
  await model.sample({
    ...few,
    onProgress: ({ step, steps, state }) => seen.push(`${step}/${steps} ${state.length}`),
  });
  const size = 4 * framesFor(5);
  expect(seen).toEqual([1, 2, 3, 4].map((i) => `${i}/4 ${size}`));
});

test("clips of several lengths count by their time", async () => {
  const [a, b] = [clip(17), clip(40)];
  const both = await model.conditioning([a, b]);
  const [alone, other] = [await model.conditioning([a]), await model.conditioning([b])];
  both.forEach((x, i) => {
    const wanted = (5 * (alone[i] as number) + 10 * (other[i] as number)) / 15;
    expect(x).toBeCloseTo(wanted, 5);
  });
  const run = compile(conditioningLatent, { device });
  const inside = await run(weights, tensor(a.data, { shape: [1, 1, 4, 17] }));
  inside.dataSync().forEach((x, i) => {
    expect(alone[i]).toBeCloseTo(Number(x), 5);
  });
});

test("all tensors are freed, also after an end before the end", async () => {
  const before = liveTensors();
  await model.sample({ ...few, sampler: "ancestral" });
  await model.conditioning([clip(9)].map((mel) => ({ ...mel })));
  const stop = new AbortController();
  const stopped = model.sample({ ...few, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toThrow(stop.signal.reason);
  const failed = model.sample({ ...few, onProgress: fail });
  await expect(failed).rejects.toThrow("asked to fail");
  expect(liveTensors() - before).toBe(1); // The random numbers of clip().
});

function fail(): never {
  throw new Error("asked to fail");
}

test("float16 weights, in a file too, give what they give in float32", async () => {
  const halves = toFloat16(weights);
  const stored = Object.entries(halves).map(([name, weight]) => {
    const { shape, dtype } = weight;
    const { buffer } = weight.dataSync() as Float32Array | Uint16Array;
    const read = async () => new Uint8Array(buffer as ArrayBuffer);
    return [name, lazyTensor({ read }, { shape, dtype })];
  });
  const mel = clip(9);
  const all: Float32Array[][] = [];
  for (const given of [toFloat32(halves), halves, Object.fromEntries(stored)]) {
    const decoder = Diffusion.create(given, device);
    const voice = await decoder.conditioning([mel]);
    const { data } = await decoder.sample({ ...few, conditioning: voice });
    all.push([voice, data]);
    await decoder.dispose();
  }
  const [wanted, ...got] = all as [Float32Array[], ...Float32Array[][]];
  for (const each of got) expect(each).toEqual(wanted);
});

test("an aborted signal begins nothing", async () => {
  const aborted = model.sample({ ...few, signal: AbortSignal.abort(new Error("enough")) });
  await expect(aborted).rejects.toThrow("enough");
});

test("weights and voices that are no numbers are told, not spoken", async () => {
  const nan = full([8, 4, 3], Number.NaN);
  const broken = Diffusion.create({ ...weights, "inp_block.weight": nan }, device);
  await expect(broken.sample(few)).rejects.toThrow(
    new NonFiniteError(
      "Diffusion.sample: the model's answer in step 1 of 4 is NaN or infinite; look for such numbers in what was given and in the weights",
    ),
  );
  await broken.dispose();
  const silent = { ...clip(8), data: new Float32Array(32).fill(Number.NaN) };
  await expect(model.conditioning([silent])).rejects.toThrow(NonFiniteError);
});

test.each<[Partial<SampleOptions>, Error]>([
  [
    { frames: 5 },
    new RangeError(
      "Diffusion.sample: frames is 5 for 5 codes; give a whole number from 11 to 42, or leave it out for 21",
    ),
  ],
  [
    { latents: new Float32Array(20) },
    new ShapeError(
      "Diffusion.sample: latents has 20 numbers; give 6 for each code, of 1 code or more",
    ),
  ],
  [
    { conditioning: new Float32Array(8) },
    new ShapeError(
      "Diffusion.sample: conditioning has 8 numbers; give the 16 of this model's conditioning()",
    ),
  ],
  [{ guidance: -1 }, new RangeError("Diffusion.sample: guidance is -1; give 0 or more")],
  [
    { temperature: Number.NaN },
    new RangeError("Diffusion.sample: temperature is NaN; give 0 or more"),
  ],
  [{ steps: 1 }, new RangeError("respace: steps is 1; give a whole number from 2 to 4000")],
  [{ steps: 4001 }, new RangeError("respace: steps is 4001; give a whole number from 2 to 4000")],
  [
    { sampler: "ancestral", eta: 0.5 },
    new RangeError(
      'Diffusion.sample: eta is 0.5, which the sampler "ancestral" works without; leave it out, or give the sampler "ddim"',
    ),
  ],
  [
    { iterations: 5 } as Partial<SampleOptions>,
    new RangeError(
      'Diffusion.sample: there is no option "iterations"; give one of latents, codes, conditioning, frames, sampler, steps, guidance, guidanceCourse, eta, temperature, random, noise, signal, onProgress',
    ),
  ],
  [{ sampler: "ddim", eta: 2 }, new RangeError("samplerSteps: eta is 2; give 0 to 1")],
  [
    { noise: { start: new Float32Array(3) } },
    new ShapeError(
      "Diffusion.sample: the noise to begin with has 3 numbers; give 84, one for each band and frame",
    ),
  ],
  [
    { sampler: "ancestral", noise: { start: new Float32Array(84) } },
    new ShapeError(
      "Diffusion.sample: the noise of step 0 has 0 numbers; give 84, one for each band and frame",
    ),
  ],
])("refuses %o", async (wrong, error) => {
  await expect(model.sample({ ...few, ...wrong } as SampleOptions)).rejects.toThrow(error);
});

test("refuses codes beyond the table, no codes, no noise, and mels of other bands", async () => {
  const { random: _, latents: __, ...rest } = few as SampleOptions & { latents: unknown };
  const speak = (codes: number[]) => model.sample({ ...rest, codes, random });
  await expect(speak([3, 10])).rejects.toThrow(
    new RangeError("Diffusion.sample: codes have 10; give whole numbers from 0 to 9, 1 or more"),
  );
  await expect(speak([])).rejects.toThrow(
    new RangeError("Diffusion.sample: codes are none; give whole numbers from 0 to 9, 1 or more"),
  );
  await expect(model.sample({ ...rest, latents })).rejects.toThrow(
    new TypeError(
      "Diffusion.sample: there is no noise to begin with; give random: new Random(seed)",
    ),
  );
  await expect(model.conditioning([{ ...clip(8), bands: 5 }])).rejects.toThrow(
    new ShapeError(
      "Diffusion.conditioning: a mel spectrogram has 5 bands, 8 frames and 32 numbers; give 4 bands, 1 frame or more, and bands · frames numbers",
    ),
  );
  await expect(model.conditioning([])).rejects.toThrow(
    new ShapeError("Diffusion.conditioning: there is no clip; give at least one"),
  );
});

test("a decoder that was disposed of says so", async () => {
  const gone = Diffusion.create(weights, device);
  await gone.dispose();
  await expect(gone.conditioning([clip(8)])).rejects.toThrow(
    "Diffusion.conditioning: this decoder was disposed of; create another",
  );
  await expect(gone.sample(few)).rejects.toThrow(
    "Diffusion.sample: this decoder was disposed of; create another",
  );
});

test("dispose amid the steps ends them, and leaves no program", async () => {
  let open = 0;
  const counted: Device = {
    ...device,
    async load(...args) {
      const { run, release } = await device.load(...args);
      open++;
      return {
        run,
        release() {
          open--;
          return release();
        },
      };
    },
  };
  const decoder = Diffusion.create(weights, counted);
  const disposals: Promise<void>[] = [];
  const ended = decoder.sample({ ...few, onProgress: () => disposals.push(decoder.dispose()) });
  await expect(ended).rejects.toThrow(
    "Diffusion.sample: this decoder was disposed of; create another",
  );
  await Promise.all(disposals);
  expect([disposals.length, open]).toEqual([1, 0]);
});

test("noise that the steps will lack is missed before the first", async () => {
  const unused = Diffusion.create(weights, { ...device, load: fail });
  const noise = { start: new Float32Array(84) };
  await expect(unused.sample({ ...few, sampler: "ancestral", noise })).rejects.toThrow(ShapeError);
  await expect(unused.sample({ ...few, sampler: "ddim", eta: 1, noise })).rejects.toThrow(
    ShapeError,
  );
  await expect(unused.sample({ ...few, sampler: "ddim", noise })).rejects.toThrow("asked to fail");
});
