/// <reference types="node" />
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { compile, openDevice, subtree, type Tensor, type Weights } from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import {
  foldWeightNorm,
  HifiganDecoder,
  inferHifiganConfig,
  inferUnivnetConfig,
  Univnet,
  univnet,
} from "./index.js";

// Models this small are quicker on one thread, above all where other programs are busy.
const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

// Made by tools/fixtures/vocoder.py with PyTorch 2.13 (seed 5, --small).
const own = new URL("../fixtures/", import.meta.url);
// The original modules' numbers, beside the repository on the authors' machines.
const shared = new URL("../../../../shared/fixtures/", import.meta.url);
if (!existsSync(shared)) test.skip("originals' numbers (needs ../shared)", () => {});

interface Fixture {
  readonly weights: Weights;
  readonly tensors: Weights;
  /** The original's settings; of other models than one's own they are missing. */
  readonly config: { readonly lReLU_slope: number; readonly dilations: number[] } & Readonly<
    Record<string, unknown>
  >;
}

async function read(folder: URL, name: string): Promise<Fixture> {
  const path = fileURLToPath(new URL(`${name}.safetensors`, folder));
  const { tensors, metadata } = await readSafetensors(path);
  const config = JSON.parse(metadata.config as string);
  return { weights: subtree(tensors, "weights"), tensors, config };
}

// The original's inference is not compared here: the parity tool tells that it is further than 1e-4 from PyTorch.
const univnets: [string, URL, { wav: number; inference?: number }][] = [
  ["own", own, { wav: 1e-5, inference: 1e-5 }],
  ["original", shared, { wav: 1e-4 }],
];

test.each(univnets.filter(([, folder]) => existsSync(folder)))(
  "UnivNet: %s",
  async (_, folder, limits) => {
    const { weights, tensors, config } = await read(folder, "univnet");
    const options = { slope: config.lReLU_slope, dilations: config.dilations };
    const sizes = inferUnivnetConfig(weights, options);
    expect(sizes).toMatchObject({
      bands: config.n_mel_channels,
      noiseDim: config.noise_dim,
      channels: config.channel_size,
      strides: config.strides,
      predictorKernel: config.kpnet_conv_size,
    });
    const run = compile((w: Weights, mel: Tensor, noise: Tensor) => univnet(w, mel, noise, sizes), {
      device,
    });
    const mel = tensors["inputs.mel"] as Tensor;
    const wave = await run(weights, mel, tensors["inputs.z"] as Tensor);
    expect(difference(numbers(wave), numbers(tensors["outputs.wav"]))).toBeLessThan(limits.wav);

    if (limits.inference === undefined) return;
    const model = Univnet.create(weights, device, options);
    const [, bands = 0, frames = 0] = mel.shape;
    const data = numbers(mel).slice(0, bands * frames);
    const { samples } = await model.inference(
      { data, bands, frames },
      { noise: numbers(tensors["inputs.z_inference"]) },
    );
    const wanted = numbers(tensors["outputs.inference_wav"]);
    expect(difference(samples, wanted)).toBeLessThan(limits.inference);
    await model.dispose();
  },
);

const folders: [string, URL][] = [
  ["own", own],
  ["original", shared],
];

test.each(folders.filter(([, folder]) => existsSync(folder)))(
  "HiFi-GAN decoder: %s",
  async (_, folder) => {
    const { weights, tensors, config } = await read(folder, "hifigan_decoder");
    expect(inferHifiganConfig(weights)).toEqual({
      latentDim: config.in_channels,
      speakerDim: config.cond_channels,
      channels: config.upsample_initial_channel,
      strides: config.upsample_factors,
      kernelSizes: config.resblock_kernel_sizes,
      dilations: [1, 3, 5],
    });
    const decoder = HifiganDecoder.create(weights, device);
    const { samples } = await decoder.inference(
      numbers(tensors["inputs.latents"]),
      numbers(tensors["inputs.speaker_latent"]),
    );
    expect(difference(samples, numbers(tensors["outputs.inference_wav"]))).toBeLessThan(1e-5);
    await decoder.dispose();
  },
);

test("weights without weight normalisation, and by PyTorch's newer names, give the same", async () => {
  const { weights, tensors } = await read(own, "hifigan_decoder");
  const fold = compile((w: Weights) => foldWeightNorm(w), { device });
  const renamed = Object.fromEntries(
    Object.entries(weights).map(([name, x]) => [
      name
        .replace("weight_g", "parametrizations.weight.original0")
        .replace("weight_v", "parametrizations.weight.original1"),
      x,
    ]),
  );
  for (const given of [await fold(weights), renamed]) {
    const decoder = HifiganDecoder.create(given, device);
    const { samples } = await decoder.inference(
      numbers(tensors["inputs.latents"]),
      numbers(tensors["inputs.speaker_latent"]),
    );
    expect(difference(samples, numbers(tensors["outputs.inference_wav"]))).toBeLessThan(1e-5);
    await decoder.dispose();
  }
});

function numbers(x: Tensor | undefined): Float32Array {
  return (x as Tensor).dataSync() as Float32Array;
}

/** |got - wanted| / |wanted|. */
function difference(got: Float32Array, wanted: Float32Array): number {
  expect(got.length).toBe(wanted.length);
  return Math.hypot(...got.map((x, i) => x - (wanted[i] as number))) / Math.hypot(...wanted);
}
