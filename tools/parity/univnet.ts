import { compile, mapTree, slice, type Tensor, tensor, type Weights } from "@hawksbill/core";
import { inferUnivnetConfig, univnet, univnetHop, univnetInference } from "@hawksbill/vocoder";
import { compareTensors, type Limit, numbersOf } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** Waveforms of mels as they are, and of the first one with frames of silence behind that are cut off again. */
export const checkUnivnet: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const config = new Config(fixture);
  const slope = config.number("lReLU_slope", 0.2);
  const sizes = inferUnivnetConfig(weights, {
    slope,
    file: fixture.name,
    dilations: config.numbers("dilations", [1, 3, 9, 27]),
  });
  config.expectSizes({
    noise_dim: sizes.noiseDim,
    channel_size: sizes.channels,
    kpnet_conv_size: sizes.predictorKernel,
    hop_length: univnetHop(sizes),
    n_mel_channels: sizes.bands,
  });

  const run = compile(
    (w: Weights, mel: Tensor, z: Tensor, zInference: Tensor) => ({
      "outputs.wav": univnet(w, mel, z, sizes),
      "outputs.inference_wav": univnetInference(
        w,
        slice(mel, { axis: 0, end: 1 }),
        zInference,
        sizes,
      ),
    }),
    { device, name: "univnet" },
  );
  const [mel, z, zInference] = ["mel", "z", "z_inference"].map((name) =>
    tensorOf(fixture, `inputs.${name}`),
  ) as [Tensor, Tensor, Tensor];
  const ours = await run(weights, mel, z, zInference);
  const turned = await run(withBandsReversed(weights), reverseBands(mel), z, zInference);
  await run.release();
  return compareTensors(fixture.tensors, ours, (name) => {
    const a = ours[name as keyof typeof ours];
    const b = turned[name as keyof typeof ours];
    return a && b && limitFor(a, b);
  });
};

/**
 * Random weights may make of a mel kernels so large that float32's rounding alone moves the waveform by more than the
 * usual limit (PyTorch's own float32 from its float64, too). How far it does is seen where the bands are summed the
 * other way round, which changes nothing else.
 */
function limitFor(ours: Tensor, turned: Tensor): Limit {
  const [row] = compareTensors({ "outputs.x": turned }, { "outputs.x": ours });
  const rounding = row?.relative ?? 0;
  const atMost = 3 * rounding;
  if (atMost <= 1e-4) return { kind: "relative", atMost: 1e-4 };
  const reason = `at most ${atMost.toExponential(1)}: the order of its sums alone changes it by ${rounding.toExponential(1)}`;
  return { kind: "relative", atMost, reason };
}

/** The input convolutions of all kernel predictors for a mel whose bands are in reverse. */
function withBandsReversed(weights: Weights): Weights {
  return mapTree(weights, (x, name) =>
    /\.input_conv\.0\..*(weight|weight_v|original1)$/.test(name) ? reverseBands(x) : x,
  );
}

/** Axis 1 the other way round. */
function reverseBands(x: Tensor): Tensor {
  const [rows = 1, bands = 1, columns = 1] = x.shape;
  const from = numbersOf(x);
  const data = Float32Array.from({ length: x.size }, (_, i) => {
    const band = Math.floor(i / columns) % bands;
    const row = Math.floor(i / (bands * columns));
    return from[(row * bands + (bands - 1 - band)) * columns + (i % columns)] ?? 0;
  });
  return tensor(data, { shape: [rows, bands, columns] });
}
