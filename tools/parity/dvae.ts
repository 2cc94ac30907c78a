import { compile, slice, type Tensor, valueAndGradWithAux, type Weights } from "@hawksbill/core";
import {
  decodeCodes,
  dvaeLosses,
  encodeMel,
  encoder,
  framesPerCode,
  inferDvaeConfig,
  splitDvae,
  updateCodebook,
} from "@hawksbill/dvae";
import { compareTensors } from "./compare.js";
import { type Check, Config, type Fixture, prefixed, tensorOf, weightsOf } from "./fixture.js";

/**
 * Encoder, codes and decoded mel; then one training step on as many whole codes as the mel has frames for:
 * losses, gradients, and the codebook after it.
 */
export const checkDvae: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const mel = tensorOf(fixture, "inputs.mel");
  const step = framesPerCode(checkedSizes(fixture, weights));
  const frames = mel.shape[2] ?? 0;

  const infer = compile(
    (w: Weights, x: Tensor) => {
      const codes = encodeMel(w, x);
      return { encoder: encoder(w, x), codes, decoded: decodeCodes(w, codes) };
    },
    { device },
  );
  const outputs = await infer(weights, mel);

  const { parameters, codebook } = splitDvae(weights);
  const train = compile(
    (p: Weights, x: Tensor) =>
      valueAndGradWithAux((q: Weights) => {
        const crop = slice(x, { axis: 2, end: frames - (frames % step) });
        const { loss, ...aux } = dvaeLosses({ ...q, ...codebook }, crop);
        return { loss, aux };
      })(p),
    { device },
  );
  const { aux, grads } = await train(parameters, mel);
  await Promise.all([infer.release(), train.release()]);

  return compareTensors(fixture.tensors, {
    "outputs.encoder": outputs.encoder,
    "outputs.codes": outputs.codes,
    "outputs.decoded": outputs.decoded,
    "outputs.train_reconstruction": aux.reconstruction,
    "outputs.train_recon_loss_mean": aux.reconstructionLoss,
    "outputs.train_commitment_loss": aux.commitmentLoss,
    ...prefixed("grads", grads),
    ...prefixed("after", updateCodebook(codebook, aux).codebook),
  });
};

function checkedSizes(fixture: Fixture, weights: Weights): ReturnType<typeof inferDvaeConfig> {
  const sizes = inferDvaeConfig(weights, fixture.name);
  const config = new Config(fixture);
  config.expectSizes({
    channels: sizes.channels,
    num_tokens: sizes.tokens,
    codebook_dim: sizes.codebookDim,
    hidden_dim: sizes.hiddenDim,
    num_resnet_blocks: sizes.resnetBlocks,
    num_layers: sizes.layers,
    kernel_size: sizes.kernelSize,
  });
  config.expectSettings({ positional_dims: 1, use_transposed_convs: false, normalization: null });
  return sizes;
}
