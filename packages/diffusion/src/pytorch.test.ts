/// <reference types="node" />
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import {
  compile,
  mean,
  openDevice,
  subtree,
  type Tensor,
  tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { afterAll, describe, expect, test } from "vitest";
import {
  alignedEmbedding,
  conditioningLatent,
  Diffusion,
  type DiffusionBatch,
  denoise,
  diffusionLosses,
  inferDiffusionConfig,
  modulations,
  type SampleOptions,
  timestepFeatures,
  trainingTimesteps,
  unconditionedEmbedding,
} from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

// Made by tools/fixtures/diffusion.py with PyTorch 2.13.
equalsPyTorch("small", new URL("../fixtures/diffusion.safetensors", import.meta.url));

// The original module's numbers, beside the repository on the authors' machines.
const shared = new URL("../../../../shared/fixtures/diffusion.safetensors", import.meta.url);
if (existsSync(shared)) equalsPyTorch("original", shared);
else test.skip("original (needs ../shared)", () => {});

function equalsPyTorch(name: string, path: URL): void {
  describe(name, async () => {
    const { tensors, metadata } = await readSafetensors(fileURLToPath(path));
    const weights = subtree(tensors, "weights");
    const of = (tensorName: string): Tensor => tensors[tensorName] as Tensor;
    const numbers = (x: Tensor): Float32Array => Float32Array.from(x.dataSync(), Number);
    const config = inferDiffusionConfig(weights);

    test("sizes are found from the weights", () => {
      const theirs = JSON.parse(metadata.config as string);
      expect(config).toEqual({
        bands: theirs.in_channels,
        modelChannels: theirs.model_channels,
        heads: theirs.num_heads,
        layers: theirs.num_layers,
        latentChannels: theirs.in_latent_channels,
        tokens: theirs.in_tokens,
      });
    });

    test("conditioning, aligned embedding and the denoiser", async () => {
      const codes = tensor(Int32Array.from(of("inputs.codes").dataSync(), Number), {
        shape: of("inputs.codes").shape,
      });
      const features = timestepFeatures(numbers(of("inputs.timesteps")), config.modelChannels);
      const run = compile(
        (w: Weights, x: Tensor, mels: Tensor, latents: Tensor) => {
          const voice = conditioningLatent(w, mels);
          const [, , S = 1] = x.shape;
          const aligned = alignedEmbedding(w, { latents }, voice, S);
          const times = modulations(w, features);
          const noise = (speech: Tensor) => denoise(w, x, { speech, modulations: times });
          return {
            conditioning_latent: voice,
            aligned_embedding: aligned,
            eps_and_variance: noise(aligned),
            unconditional: noise(unconditionedEmbedding(w, S)),
            from_codes: noise(alignedEmbedding(w, { codes }, voice, S)),
          };
        },
        { device },
      );
      const mels = of("inputs.conditioning_mel");
      const ours = await run(weights, of("inputs.x"), mels, of("inputs.latents"));
      // Without speech all frames but the edges are alike, and little is left of a norm's variance:
      // there PyTorch itself is 1e-5 from the float64 result.
      for (const [part, value] of Object.entries(ours))
        expect(difference(value, of(`outputs.${part}`)), part).toBeLessThan(
          part === "unconditional" ? 5e-5 : 5e-6,
        );
    });

    test.each(["ancestral", "ddim"] as const)("%s sampling", async (sampler) => {
      const model = Diffusion.create(weights, device);
      const latents = numbers(of("inputs.latents"));
      const start = of("inputs.sampler_noise_start");
      const perStep = numbers(of("inputs.sampler_noise_per_step"));
      const states: Float32Array[] = [];
      const options: SampleOptions = {
        latents: latents.subarray(0, latents.length / (of("inputs.latents").shape[0] as number)),
        conditioning: numbers(of("outputs.conditioning_latent")).subarray(
          0,
          2 * config.modelChannels,
        ),
        frames: start.shape[2] as number,
        sampler,
        steps: JSON.parse(metadata.timestep_map as string).length,
        guidance: Number(/conditioning_free k=([\d.]+)/.exec(metadata.what as string)?.[1]),
        noise: {
          start: numbers(start),
          ofStep: (i) => perStep.subarray(i * start.size, (i + 1) * start.size),
        },
        onProgress: ({ state }) => states.push(state),
      };
      await model.sample(options);
      await model.dispose();
      const prefix = sampler === "ancestral" ? "outputs.p_sample_" : "outputs.ddim_";
      const wanted = Object.entries(tensors).filter(([output]) => output.startsWith(prefix));
      expect(wanted.length).toBeGreaterThan(0);
      for (const [output, theirs] of wanted) {
        const step = /step(\d+)/.exec(output)?.[1] ?? states.length - 1;
        const ours = tensor(states[Number(step)] as Float32Array, { shape: theirs.shape });
        // What each step is off, the following amplify.
        expect(difference(ours, theirs), output).toBeLessThan(5e-5);
      }
    });

    const batch = (): DiffusionBatch => ({
      mel: of("inputs.train_x0"),
      noise: of("inputs.train_noise"),
      timesteps: trainingTimesteps([...numbers(of("inputs.train_t"))], config.modelChannels),
      speech: { latents: of("inputs.latents") },
      conditioning: of("inputs.conditioning_mel"),
    });

    test.each([
      ["kept", false],
      ["computed again", true],
    ])(
      "losses and every gradient, inner values %s",
      {
        timeout: 120_000,
      },
      async (_, recompute) => {
        const step = compile(
          (w: Weights, items: DiffusionBatch) =>
            valueAndGradWithAux((v: Weights) => {
              const { loss, mse, variational } = diffusionLosses(v, items, { recompute });
              return { loss, aux: { mse, variational } };
            })(w),
          { device },
        );
        const { aux, grads } = await step(weights, batch());
        expect(difference(aux.mse, of("outputs.train_mse"))).toBeLessThan(2e-6);
        expect(difference(aux.variational, of("outputs.train_vb"))).toBeLessThan(2e-6);
        for (const [parameter, theirs] of Object.entries(subtree(tensors, "grads")))
          expect(difference(grads[parameter], theirs), parameter).toBeLessThan(2e-5);
      },
    );

    const guessed = tensors["outputs.train_mel_guess"];
    test.skipIf(guessed === undefined)(
      "the guess of the mel and its gradients (needs a fixture that has them)",
      async () => {
        const step = compile(
          (w: Weights, items: DiffusionBatch) =>
            valueAndGradWithAux((v: Weights) => {
              const { guess } = diffusionLosses(v, items);
              return { loss: mean(guess), aux: { guess } };
            })(w),
          { device },
        );
        const { aux, grads } = await step(weights, batch());
        expect(difference(aux.guess, guessed as Tensor)).toBeLessThan(2e-6);
        for (const [parameter, theirs] of Object.entries(subtree(tensors, "guess_grads")))
          expect(difference(grads[parameter], theirs), parameter).toBeLessThan(2e-5);
      },
    );
  });
}

/** |got - wanted| / |wanted| of the whole tensors; of zeros, |got|. */
function difference(got: Tensor | undefined, wanted: Tensor): number {
  expect(got?.shape).toEqual(wanted.shape);
  const a = Array.from((got as Tensor).dataSync(), Number);
  const b = Array.from(wanted.dataSync(), Number);
  return Math.hypot(...a.map((x, i) => x - (b[i] as number))) / (Math.hypot(...b) || 1);
}
