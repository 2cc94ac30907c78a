import {
  compile,
  full,
  openDevice,
  Random,
  ShapeError,
  tensor,
  type Weights,
  zeros,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import {
  conditioningLatent,
  type DiffusionBatch,
  diffusionLosses,
  initialiseDiffusion,
  trainingTimesteps,
} from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());
const random = new Random(4);
const config = { bands: 4, modelChannels: 8, heads: 2, layers: 1, latentChannels: 6, tokens: 10 };
const weights = {
  ...initialiseDiffusion(config, random),
  "out.2.weight": full([8, 8, 3], 0.1), // At 0, as it begins, neither speech nor voice would be heard.
};
const batch: DiffusionBatch = {
  mel: random.uniform([2, 4, 13]),
  noise: random.normal([2, 4, 13]),
  timesteps: trainingTimesteps([0, 2500], 8),
  speech: { latents: random.normal([2, 3, 6]) },
  conditioning: random.normal([2, 1, 4, 9]),
};

async function mse(options: Partial<DiffusionBatch>): Promise<number[]> {
  const run = compile((w: Weights, items: DiffusionBatch) => diffusionLosses(w, items).mse, {
    device,
  });
  return [...(await run(weights, { ...batch, ...options })).dataSync()].map(Number);
}

test("a voice heard before counts as its mels do", async () => {
  const voice = await compile(conditioningLatent, { device })(weights, batch.conditioning);
  const [first, second] = await mse({});
  const [again, andAgain] = await mse({ conditioning: voice });
  expect(again).toBeCloseTo(first as number, 5);
  expect(andAgain).toBeCloseTo(second as number, 5);
});

test("an unconditioned item knows neither speech nor voice", async () => {
  const unconditioned = tensor(Uint8Array.of(0, 1), { dtype: "bool" });
  const other = random.normal([2, 3, 6]);
  const known = await mse({ unconditioned });
  const changed = await mse({ unconditioned, speech: { latents: other } });
  expect(changed[0]).not.toBe(known[0]);
  expect(changed[1]).toBe(known[1]);
});

test("the guess counts as much as is said, but not where speech and voice are hidden", async () => {
  const run = compile(
    (w: Weights, items: DiffusionBatch) => {
      const plain = diffusionLosses(w, items);
      const { loss } = diffusionLosses(w, items, { guessWeight: 0.5 });
      return { plain: plain.loss, loss, guess: plain.guess };
    },
    { device },
  );
  const unconditioned = tensor(Uint8Array.of(0, 1), { dtype: "bool" });
  const { plain, loss, guess } = await run(weights, { ...batch, unconditioned });
  const [shown, hidden] = [...guess.dataSync()].map(Number);
  expect(hidden).toBe(0);
  expect((await loss.item()) - (await plain.item())).toBeCloseTo(0.25 * (shown as number), 5);
});

test("what does not fit is refused", () => {
  expect(() => diffusionLosses(weights, { ...batch, noise: zeros([2, 4, 12]) })).toThrow(
    new ShapeError(
      "diffusionLosses: mel is [2,4,13], noise [2,4,12]; give both as [batch, bands, frames]",
    ),
  );
  expect(() => diffusionLosses(weights, { ...batch, conditioning: zeros([2, 4, 9]) })).toThrow(
    new ShapeError(
      "diffusionLosses: conditioning is [2,4,9]; give [batch, clips, bands, frames] or [batch, 2 · channels]",
    ),
  );
  expect(() =>
    diffusionLosses(weights, { ...batch, mel: zeros([2, 5, 13]), noise: zeros([2, 5, 13]) }),
  ).toThrow(
    new ShapeError(
      "denoise: x is [2,5,13], speech [2,8,13]; give x [batch or 1, 4, frames] with as many frames as speech",
    ),
  );
  expect(() => trainingTimesteps([4000], 8)).toThrow(
    new RangeError("trainingTimesteps: timestep 4000 is not in the schedule; give 0 to 3999"),
  );
});
