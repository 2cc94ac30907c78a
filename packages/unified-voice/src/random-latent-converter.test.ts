import {
  compile,
  liveTensors,
  openDevice,
  Random,
  type Tensor,
  tensor,
  type Weights,
  zeros,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { fixture, hasShared, numbers, relativeError } from "../test/fixtures.js";
import { RandomLatentConverter, randomLatentShapes, randomLatents } from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

const random = new Random(3);
const weights: Weights = Object.fromEntries(
  Object.entries(randomLatentShapes(4)).map(([name, shape]) => [name, random.normal(shape)]),
);

/** The formula with numbers: each row scaled, leaky and lengthened, then one plain layer. */
function byHand(noise: number[]): number[] {
  const layer = (x: number[], i: number, scale: number, biasScale: number) => {
    const [matrix, bias] = [
      numbers(weights[`layers.${i}.weight`]),
      numbers(weights[`layers.${i}.bias`]),
    ];
    return x.map((_, row) =>
      x.reduce(
        (sum, value, column) => sum + value * scale * (matrix[row * x.length + column] as number),
        biasScale * (bias[row] as number),
      ),
    );
  };
  const inner = [0, 1, 2, 3, 4].reduce(
    (x, i) => layer(x, i, 0.1 / Math.sqrt(4), 0.1).map((y) => Math.SQRT2 * (y > 0 ? y : 0.2 * y)),
    noise,
  );
  return layer(inner, 5, 1, 1);
}

test("computes its formula", async () => {
  const run = compile((w: Weights, z: Tensor) => randomLatents(w, z), { device });
  const noise = [0.5, -1, 2, 0.1];
  const got = await run(weights, tensor([noise]));
  expect(relativeError(numbers(got), byHand(noise))).toBeLessThan(1e-6);
  await run.release();
});

test.skipIf(!hasShared)("equals PyTorch (needs ../shared)", async () => {
  const { tensors } = fixture("random_latent_converter", "shared");
  const own = Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name.replace("weights.", ""), x]),
  );
  const run = compile((w: Weights, z: Tensor) => randomLatents(w, z), { device });
  const got = await run(own, tensors["inputs.z"] as Tensor);
  expect(relativeError(numbers(got), numbers(tensors["outputs.latent"]))).toBeLessThan(1e-5);
  await run.release();
});

test("a seed is a voice, and no tensor is left", async () => {
  const before = liveTensors();
  const converter = RandomLatentConverter.create(weights, device);
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map((seed) => converter.latent(new Random(seed))),
  );
  expect(first?.length).toBe(converter.channels);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  await converter.dispose();
  expect(liveTensors()).toBe(before);
  await expect(converter.latent(new Random(1))).rejects.toThrow(
    "latent: this converter was disposed of; create another",
  );
});

test("refuses what is none of a converter", () => {
  expect(() => RandomLatentConverter.create({}, device)).toThrow(
    'random latent converter: "layers.0.weight" is missing; give the weights of a random-latent converter',
  );
  expect(() =>
    RandomLatentConverter.create({ ...weights, "layers.3.bias": zeros([5]) }, device, {
      file: "rlg.pth",
    }),
  ).toThrow('rlg.pth: "layers.3.bias" is [5], expected [4]');
  expect(() => randomLatents(weights, zeros([1, 5]))).toThrow(
    "randomLatents: noise is [1,5]; give [batch, 4]",
  );
});
