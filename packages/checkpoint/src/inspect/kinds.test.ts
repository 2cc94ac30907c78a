/// <reference types="node" />
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type Shape, sizeOf } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { decodeSafetensors, inspect, type ModelKindName, modelShapes } from "../index.js";

/** Sizes of the released models, with the numbers of tensors and parameters that PyTorch counts. */
const released: Record<ModelKindName, [sizes: object, tensors: number, parameters: number]> = {
  dvae: [
    {
      channels: 80,
      tokens: 8192,
      codebookDim: 512,
      hiddenDim: 512,
      resnetBlocks: 3,
      layers: 2,
      kernelSize: 3,
    },
    53,
    51_567_184 + (512 + 1 + 512) * 8192, // The codebook's buffers are no parameters.
  ],
  "unified-voice": [
    {
      layers: 30,
      modelDim: 1024,
      maxTextTokens: 402,
      maxMelTokens: 604,
      textTokens: 256,
      melCodes: 8194,
      conditioningBlocks: 6,
    },
    410,
    421_526_786,
  ],
  diffusion: [
    {
      layers: 10,
      modelChannels: 1024,
      bands: 100,
      latentChannels: 1024,
      tokens: 8193,
      heads: 16,
    },
    359,
    292_334_380,
  ],
  clvp: [
    {
      dimText: 768,
      dimSpeech: 768,
      dimLatent: 768,
      numTextTokens: 256,
      numSpeechTokens: 8192,
      textEncDepth: 20,
      speechEncDepth: 20,
      textHeads: 12,
      speechHeads: 12,
      textFf: 1536,
      speechFf: 1536,
    },
    451,
    243_846_145 + 2 * 16, // The rotary frequencies are no parameters.
  ],
  cvvp: [
    {
      modelDim: 512,
      melBands: 80,
      melCodes: 8192,
      latentDim: 512,
      conditioningEncDepth: 8,
      speechEncDepth: 8,
      conditioningHeads: 8,
      speechHeads: 8,
      conditioningFf: 512,
      speechFf: 512,
    },
    210,
    37_780_225 + 2 * 16,
  ],
  univnet: [
    {
      stages: 3,
      convBlocks: 4,
      weightNorm: 1,
      channels: 32,
      noiseDim: 64,
      bands: 100,
      predictorDim: 64,
      predictorKernel: 3,
      kernelSize: 3,
      stride0: 8,
      stride1: 8,
      stride2: 4,
    },
    132,
    14_865_506,
  ],
  "hifigan-decoder": [
    {
      stages: 4,
      resblockKernels: 3,
      convPairs: 3,
      weightNorm: 1,
      channels: 512,
      latentDim: 1024,
      speakerDim: 1024,
      outChannels: 1,
      upsampleKernel0: 16,
      upsampleKernel1: 16,
      upsampleKernel2: 4,
      upsampleKernel3: 4,
      resblockKernel0: 3,
      resblockKernel1: 7,
      resblockKernel2: 11,
    },
    236,
    17_844_226,
  ],
  "random-latent-converter": [{ channels: 2048 }, 12, 25_178_112],
  classifier: [
    {
      depth: 5,
      resnetBlocks: 2,
      attnBlocks: 4,
      baseChannels: 32,
      specDim: 1,
      kernelSize: 5,
      downsampleKernel: 5,
      embeddingDim: 512,
      classes: 2,
    },
    122,
    15_224_002,
  ],
};

function listing(shapes: Readonly<Record<string, Shape>>) {
  const tensors = Object.entries(shapes).map(([name, shape]) => [
    name,
    { dtype: "float32", shape },
  ]);
  return { tensors: Object.fromEntries(tensors) };
}

describe.each(Object.entries(released))("%s", (name, [sizes, tensors, parameters]) => {
  const kind = name as ModelKindName;

  test("has the released model's tensors at its sizes", () => {
    const shapes = Object.values(modelShapes(kind, sizes));
    const sum = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
    expect([shapes.length, sum]).toEqual([tensors, parameters]);
  });

  test("is known by its tensors, and its sizes are found again", () => {
    const found = inspect(listing(modelShapes(kind, sizes)));
    expect(found).toMatchObject({ kind, prefix: "", parameters, fits: true, unexpected: [] });
    expect(found.sizes).toEqual(sizes);
  });
});

test("vocoders are known without their weight norm, and by the names of PyTorch's newer one", () => {
  for (const kind of ["univnet", "hifigan-decoder"] as const) {
    const [sizes] = released[kind];
    const folded = inspect(listing(modelShapes(kind, { ...sizes, weightNorm: 0 })));
    expect(folded).toMatchObject({ kind, fits: true, sizes: { weightNorm: 0 } });

    const renamed = Object.entries(modelShapes(kind, sizes)).map(([name, shape]) => [
      name
        .replace(/weight_g$/, "parametrizations.weight.original0")
        .replace(/weight_v$/, "parametrizations.weight.original1"),
      shape,
    ]);
    expect(inspect(listing(Object.fromEntries(renamed)))).toMatchObject({ kind, fits: true });
  }
});

test("sizes that no model can have are refused", () => {
  expect(() => modelShapes("random-latent-converter", { channels: 0 })).toThrow(
    new RangeError(
      "modelShapes: layers.0.weight of a random-latent converter would be [0, 0]; give whole sizes, all of them",
    ),
  );
  expect(() => modelShapes("random-latent-converter", {})).toThrow("would be [NaN, NaN]");
});

const shared = new URL("../../../../../shared/", import.meta.url);

/** The files of the released models in ../shared/data, and what they are. */
const files: Readonly<Record<string, ModelKindName>> = {
  "autoregressive.pth": "unified-voice",
  "dlas_gpt.pth": "unified-voice",
  "diffusion_decoder.pth": "diffusion",
  "clvp2.pth": "clvp",
  "vocoder.pth": "univnet",
  "rlg_auto.pth": "random-latent-converter",
  "rlg_diffuser.pth": "random-latent-converter",
  "dvae.pth": "dvae",
};

test.skipIf(!existsSync(shared))(
  "names and shapes are the released files' (needs ../shared)",
  () => {
    const shapes = JSON.parse(readFileSync(new URL("data/state_dict_shapes.json", shared), "utf8"));
    for (const [file, kind] of Object.entries(files)) {
      const { sizes } = inspect(listing(shapes[file]));
      expect(modelShapes(kind, sizes), file).toEqual(shapes[file]);
    }
  },
);

test.skipIf(!existsSync(shared))(
  "models of other sizes are known by their kind, too (needs ../shared)",
  () => {
    const folder = new URL("fixtures/", shared);
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".safetensors"))) {
      const content = decodeSafetensors(readFileSync(new URL(file, folder)), file);
      const module = JSON.parse(content.metadata.module ?? "null");
      const found = inspect(content);
      if (module === null) expect(found.kind, file).toBe("unknown");
      else {
        const kind = module.replace(/^unified_voice.*/, "unified-voice").replaceAll("_", "-");
        expect(found, file).toMatchObject({ kind, prefix: "weights.", fits: true });
      }
    }
  },
);
