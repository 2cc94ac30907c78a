import {
  add,
  compile,
  type Device,
  mean,
  type Tensor,
  tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import {
  alignedEmbedding,
  conditioningLatent,
  Diffusion,
  type DiffusionBatch,
  type DiffusionConfig,
  denoise,
  diffusionLosses,
  inferDiffusionConfig,
  modulations,
  respace,
  timestepFeatures,
  trainedSchedule,
  trainingTimesteps,
  unconditionedEmbedding,
} from "@hawksbill/diffusion";
import { compareTensors, numbersOf } from "./compare.js";
import { type Check, Config, type Fixture, prefixed, tensorOf, weightsOf } from "./fixture.js";

/**
 * The voice, what is told of the speech, the noise that the denoiser sees (with latents, without anything,
 * from codes); sampling of item 0, with the guidance of the metadata; losses and gradients.
 */
export const checkDiffusion: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const model = { weights, config: checkedSizes(fixture, weights), device };
  const parts = await partsOf(fixture, model);
  const voice = numbersOf(parts["outputs.conditioning_latent"] as Tensor);
  return compareTensors(fixture.tensors, {
    ...parts,
    ...(await sampled(fixture, model, voice)),
    ...(await trained(fixture, model)),
  });
};

interface Model {
  readonly weights: Weights;
  readonly config: DiffusionConfig;
  readonly device: Device;
}

async function partsOf(fixture: Fixture, { weights, config, device }: Model): Promise<Weights> {
  const x = tensorOf(fixture, "inputs.x");
  const frames = x.shape[2] ?? 1;
  const inputs = {
    x,
    mels: tensorOf(fixture, "inputs.conditioning_mel"),
    latents: tensorOf(fixture, "inputs.latents"),
    codes: int32(tensorOf(fixture, "inputs.codes")),
    features: timestepFeatures(
      numbersOf(tensorOf(fixture, "inputs.timesteps")),
      config.modelChannels,
    ),
  };
  const run = compile(
    (w: Weights, { x, mels, latents, codes, features }: typeof inputs) => {
      const voice = conditioningLatent(w, mels);
      const aligned = alignedEmbedding(w, { latents }, voice, frames);
      const times = modulations(w, features);
      const noise = (speech: Tensor): Tensor => denoise(w, x, { speech, modulations: times });
      return {
        "outputs.conditioning_latent": voice,
        "outputs.aligned_embedding": aligned,
        "outputs.eps_and_variance": noise(aligned),
        "outputs.unconditional": noise(unconditionedEmbedding(w, frames)),
        "outputs.from_codes": noise(alignedEmbedding(w, { codes }, voice, frames)),
      };
    },
    { device },
  );
  const outputs = await run(weights, inputs);
  await run.release();
  return outputs;
}

/** Item 0's mel by both samplers, as it is at the end and after the steps that the file has. */
async function sampled(
  fixture: Fixture,
  { weights, device }: Model,
  voices: ArrayLike<number>,
): Promise<Weights> {
  const start = tensorOf(fixture, "inputs.sampler_noise_start");
  const noise = floats(tensorOf(fixture, "inputs.sampler_noise_per_step"));
  const latents = tensorOf(fixture, "inputs.latents");
  const model = Diffusion.create(weights, device);
  const states: Record<string, Tensor> = {};
  const names = { ancestral: "p_sample", ddim: "ddim" };
  for (const [sampler, name] of Object.entries(names) as [keyof typeof names, string][])
    await model.sample({
      latents: floats(latents).slice(0, latents.size / (latents.shape[0] ?? 1)),
      conditioning: Float32Array.from(voices).slice(0, 2 * model.config.modelChannels),
      frames: start.shape[2] ?? 1,
      sampler,
      steps: stepsOf(fixture),
      guidance: guidanceOf(fixture),
      noise: {
        start: floats(start),
        ofStep: (i) => noise.slice(i * start.size, (i + 1) * start.size),
      },
      onProgress({ step, steps, state }) {
        const after = `outputs.${name}_${step === steps ? "final" : `step${step - 1}`}`;
        states[after] = tensor(state, { shape: start.shape });
      },
    });
  await model.dispose();
  return states;
}

/** @throws {Error} The file's timesteps are not ours. */
function stepsOf({ metadata }: Fixture): number {
  const theirs = metadata.timestep_map;
  if (!Array.isArray(theirs)) throw new Error('its metadata has no list "timestep_map"');
  const { timesteps } = respace(trainedSchedule(), theirs.length);
  if (timesteps.join() !== theirs.join())
    throw new Error(`its timesteps are ${theirs.join(", ")}; ours are ${timesteps.join(", ")}`);
  return theirs.length;
}

/** What the metadata's `what` says in words: "... conditioning_free k=2 ...". */
function guidanceOf({ metadata }: Fixture): number {
  const [, k] = String(metadata.what).match(/conditioning_free k=([\d.]+)/) ?? [];
  if (k === undefined)
    throw new Error('its metadata "what" says nothing like "conditioning_free k=2"');
  return Number(k);
}

async function trained(fixture: Fixture, { weights, config, device }: Model): Promise<Weights> {
  const timesteps = Array.from(numbersOf(tensorOf(fixture, "inputs.train_t")));
  const batch: DiffusionBatch = {
    mel: tensorOf(fixture, "inputs.train_x0"),
    noise: tensorOf(fixture, "inputs.train_noise"),
    speech: { latents: tensorOf(fixture, "inputs.latents") },
    conditioning: tensorOf(fixture, "inputs.conditioning_mel"),
    timesteps: trainingTimesteps(timesteps, config.modelChannels),
  };
  const run = compile(
    (w: Weights, batch: DiffusionBatch) =>
      valueAndGradWithAux((w: Weights) => {
        const { loss, mse, variational } = diffusionLosses(w, batch);
        return { loss, aux: { mse, variational, each: add(mse, variational) } };
      })(w),
    { device },
  );
  const { aux, grads } = await run(weights, batch);
  await run.release();
  return {
    "outputs.train_loss": aux.each,
    "outputs.train_mse": aux.mse,
    "outputs.train_vb": aux.variational,
    ...prefixed("grads", grads),
    ...(fixture.tensors["outputs.train_mel_guess"] ? await guessed(batch, weights, device) : {}),
  };
}

/** The guess of the mel, a loss of which the original module's file has no numbers. */
async function guessed(batch: DiffusionBatch, weights: Weights, device: Device): Promise<Weights> {
  const run = compile(
    (w: Weights, batch: DiffusionBatch) =>
      valueAndGradWithAux((w: Weights) => {
        const { guess } = diffusionLosses(w, batch);
        return { loss: mean(guess), aux: { guess } };
      })(w),
    { device },
  );
  const { aux, grads } = await run(weights, batch);
  await run.release();
  return { "outputs.train_mel_guess": aux.guess, ...prefixed("guess_grads", grads) };
}

function checkedSizes(fixture: Fixture, weights: Weights): DiffusionConfig {
  const sizes = inferDiffusionConfig(weights, fixture.name);
  const config = new Config(fixture);
  config.expectSizes({
    model_channels: sizes.modelChannels,
    num_layers: sizes.layers,
    in_channels: sizes.bands,
    out_channels: 2 * sizes.bands,
    in_latent_channels: sizes.latentChannels,
    in_tokens: sizes.tokens,
    num_heads: sizes.heads,
  });
  config.expectSettings({ dropout: 0, layer_drop: 0, unconditioned_percentage: 0 });
  return sizes;
}

function floats(x: Tensor): Float32Array {
  return Float32Array.from(numbersOf(x));
}

function int32(x: Tensor): Tensor {
  return tensor(Int32Array.from(numbersOf(x)), { shape: x.shape });
}
