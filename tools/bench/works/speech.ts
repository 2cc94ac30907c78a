import { Clvp, clvpShapes } from "@hawksbill/clvp";
import {
  compile,
  openDevice,
  QuantizedWeights,
  Random,
  type Tensor,
  tensor,
} from "@hawksbill/core";
import {
  denoiserMatrices,
  diffusionShapes,
  guidedDenoise,
  modulations,
  timestepFeatures,
} from "@hawksbill/diffusion";
import { Dvae, dvaeShapes } from "@hawksbill/dvae";
import { Univnet, univnetShapes } from "@hawksbill/vocoder";
import { released } from "../../released-sizes.js";
import { numbers, readNumbers, type Work, writeNumbers } from "../work.js";

const bothPytorch = ["pytorch-fp32", "pytorch-bf16"] as const;

const dvae = {
  channels: 80,
  tokens: 8192,
  codebookDim: 512,
  hiddenDim: 512,
  resnetBlocks: 3,
  layers: 2,
  kernelSize: 3,
};
const dvaeFrames = 1000;

/** Speech of 11.6 s into 250 codes. */
const dvaeEncode: Work = {
  id: "dvae.encode",
  group: "speak",
  what: "dVAE encoder of the released size, 11.6 s of speech",
  peers: ["pytorch-fp32"], // In bfloat16 most codes of random weights are others.
  files: {
    name: "dvae.safetensors",
    make: (path) =>
      writeNumbers(path, {
        weights: dvaeShapes(dvae),
        inputs: { mel: new Random(1).normal([80, dvaeFrames]) },
      }),
  },
  open: async (path) => {
    const { weights, inputs } = await readNumbers(path);
    const model = Dvae.create(weights, await openDevice("cpu"));
    const mel = { data: await numbers(inputs.mel), bands: 80, frames: dvaeFrames };
    return () => model.encode(mel);
  },
  least: { operations: 2 * encoderProducts(dvaeFrames) },
  tolerance: 0.02, // Codes: a few of random numbers lie between two of them.
};

function encoderProducts(frames: number): number {
  const { channels, hiddenDim: H, codebookDim, tokens, resnetBlocks } = dvae;
  const [half, quarter] = [frames / 2, frames / 4];
  const down = half * H * channels * 3 + quarter * 2 * H * H * 3;
  const blocks = resnetBlocks * quarter * (2 * H) ** 2 * 7;
  return down + blocks + quarter * (2 * H * codebookDim + codebookDim * tokens);
}

const { diffusion, clvp, univnet } = released;
const fiveSeconds = 469;

const in8Bits = ", matrices in 8 bits (the peer's in float32)";

/** One step of a sampler with guidance: what the model says with speech and voice, and without. */
const diffusionStep = (precision: "float32" | "int8"): Work => ({
  id: precision === "int8" ? "diffusion.int8" : "diffusion.step",
  group: "speak",
  what: `diffusion decoder of the released size, 5 s, both guidance branches${precision === "int8" ? in8Bits : ""}`,
  peers: bothPytorch,
  files: {
    name: "diffusion.safetensors",
    make: (path) => {
      const random = new Random(2);
      return writeNumbers(path, {
        weights: diffusionShapes(diffusion),
        inputs: {
          x: random.normal([1, diffusion.bands, fiveSeconds]),
          speech: random.normal([2, diffusion.modelChannels, fiveSeconds]),
        },
      });
    },
  },
  open: async (path) => {
    const { weights, inputs } = await readNumbers(path);
    const device = await openDevice("cpu");
    const isTable = (name: string): boolean => name.includes("relative_pos_embeddings");
    const tables = Object.fromEntries(Object.entries(weights).filter(([name]) => isTable(name)));
    const features = timestepFeatures([2000], diffusion.modelChannels);
    // As in `Diffusion`: what depends on the timestep alone is computed for all steps beforehand.
    const told = await compile(modulations, { device })(weights, features);
    const constants = new QuantizedWeights(weights, precision, { device, names: denoiserMatrices });
    await constants.ready();
    const step = compile(
      (changing: typeof tables, x: Tensor, speech: Tensor, told: Tensor) =>
        guidedDenoise({ ...constants.weights, ...changing }, x, {
          speech,
          modulations: told,
          guidance: tensor([2]),
        }),
      { device },
    );
    const x = tensor(await numbers(inputs.x), { shape: inputs.x?.shape ?? [] });
    const speech = tensor(await numbers(inputs.speech), { shape: inputs.speech?.shape ?? [] });
    return async () => {
      const noise = await step(tables, x, speech, told);
      const data = noise.dataSync() as Float32Array;
      noise.dispose();
      return data;
    };
  },
  least: leastOf(precision, 2 * 2 * denoiserMatrixProducts(fiveSeconds), {
    inFloat32: 2 * 2 * denoiserOtherProducts(fiveSeconds),
  }),
  // Rounded to 1/127 in 50 products behind one another.
  ...(precision === "int8" ? { tolerance: 0.1 } : {}),
});

/** Operations of `operations` products by matrices that may be rounded, and of others. */
function leastOf(
  precision: "float32" | "int8",
  operations: number,
  { inFloat32 }: { readonly inFloat32: number },
): NonNullable<Work["least"]> {
  return precision === "int8"
    ? { int8Operations: operations, operations: inFloat32 }
    : { operations: operations + inFloat32 };
}

function denoiserMatrixProducts(frames: number): number {
  const { modelChannels: C, layers } = diffusion;
  const [residual, attention] = [C * C * (1 + 3), C * C * 4];
  return frames * ((layers + 3) * (residual + attention) + 3 * residual + 2 * C * C);
}

/** Attention's, and the first and the last layer. */
function denoiserOtherProducts(frames: number): number {
  const { modelChannels: C, layers, bands } = diffusion;
  return frames * ((layers + 3) * 2 * C * frames + bands * C * 3 + C * 2 * bands * 3);
}

const [clvpTokens, clvpCodes, candidates] = [60, 250, 16];

/** Which of 16 candidates says the text best. */
const clvp16 = (precision: "float32" | "int8"): Work => ({
  id: precision === "int8" ? "clvp.int8" : "clvp.16",
  group: "speak",
  what: `CLVP of the released size: 60 tokens, 16 candidates of 250 codes${precision === "int8" ? in8Bits : ""}`,
  peers: bothPytorch,
  files: {
    name: "clvp-with-rotations.safetensors",
    make: (path) => {
      const random = new Random(3);
      const ids = (shape: [number, number], below: number): Tensor =>
        tensor(
          Int32Array.from({ length: shape[0] * shape[1] }, () => random.integer(below)),
          { shape },
        );
      return writeNumbers(path, {
        weights: clvpShapes(clvp),
        // No weights but constants, which PyTorch reads from the file.
        adapt: (name, data) => {
          if (name.endsWith("inv_freq")) data.set(data.map((_, i) => 10_000 ** (-i / data.length)));
        },
        inputs: {
          text: ids([1, clvpTokens], clvp.numTextTokens),
          codes: ids([candidates, clvpCodes], clvp.numSpeechTokens),
        },
      });
    },
  },
  open: async (path) => {
    const { weights, inputs } = await readNumbers(path);
    const model = Clvp.create(weights, await openDevice("cpu"), { weights: precision });
    const text = (await inputs.text?.data()) as Int32Array;
    const all = (await inputs.codes?.data()) as Int32Array;
    const rows = Array.from({ length: candidates }, (_, i) =>
      all.subarray(i * clvpCodes, (i + 1) * clvpCodes),
    );
    return () => model.similarity(text, rows);
  },
  least: leastOf(precision, 2 * (clvpTokens + candidates * clvpCodes) * clvpMatrices, {
    inFloat32: 2 * (clvpAttention(clvpTokens) + candidates * clvpAttention(clvpCodes)),
  }),
  ...(precision === "int8" ? { tolerance: 0.1 } : {}),
});

const clvpMatrices = clvp.textEncDepth * (4 * clvp.dimText ** 2 + 3 * clvp.dimText * clvp.textFf);

function clvpAttention(tokens: number): number {
  return clvp.textEncDepth * 2 * clvp.dimText * tokens ** 2;
}

/** A mel spectrogram into sound. */
const univnet5s: Work = {
  id: "univnet.5s",
  group: "speak",
  what: "UnivNet of the released size, 5 s at 24 kHz",
  peers: bothPytorch,
  files: {
    name: "univnet-even.safetensors",
    make: (path) => {
      const random = new Random(4);
      return writeNumbers(path, {
        weights: univnetShapes(univnet),
        // Predicted kernels are weights, too: they are to keep the size of what goes through them.
        adapt: (name, data) => {
          if (!name.endsWith("kernel_conv.weight")) return;
          const fanIn = univnet.channels * univnet.kernelSize;
          for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) / Math.sqrt(fanIn);
        },
        inputs: {
          mel: random.normal([100, fiveSeconds]),
          noise: random.normal([64, fiveSeconds + 10]),
        },
      });
    },
  },
  open: async (path) => {
    const { weights, inputs } = await readNumbers(path);
    const model = Univnet.create(weights, await openDevice("cpu"));
    const mel = { data: await numbers(inputs.mel), bands: 100, frames: fiveSeconds };
    const noise = await numbers(inputs.noise);
    return async () => (await model.inference(mel, { noise })).samples;
  },
};

export const speechWorks: readonly Work[] = [
  dvaeEncode,
  clvp16("float32"),
  clvp16("int8"),
  diffusionStep("float32"),
  diffusionStep("int8"),
  univnet5s,
];
