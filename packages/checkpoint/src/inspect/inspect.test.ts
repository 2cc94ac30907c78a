/// <reference types="node" />
import { type Shape, zeros } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { CheckpointError, inspect, modelShapes, modelSizes } from "../index.js";

const tinyVoice = {
  layers: 3,
  modelDim: 8,
  maxTextTokens: 10,
  maxMelTokens: 12,
  textTokens: 20,
  melCodes: 34,
  conditioningBlocks: 1,
};
const voice = modelShapes("unified-voice", tinyVoice);
const tinyDvae = {
  channels: 4,
  tokens: 9,
  codebookDim: 3,
  hiddenDim: 2,
  resnetBlocks: 1,
  layers: 2,
  kernelSize: 3,
};
const dvae = modelShapes("dvae", tinyDvae);

type Shapes = Readonly<Record<string, Shape>>;

function listing(shapes: Shapes, metadata: Record<string, string> = {}, values?: unknown) {
  const tensors = Object.entries(shapes).map(([name, shape]) => [
    name,
    { dtype: "float32", shape },
  ]);
  return { tensors: Object.fromEntries(tensors), metadata, values };
}

function without(shapes: Shapes, pattern: RegExp): Shapes {
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)));
}

function prefixed(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, s]) => [`${prefix}${name}`, s]));
}

test("what the readers of checkpoints return can be inspected", () => {
  const tensors = Object.fromEntries(Object.entries(dvae).map(([name, s]) => [name, zeros(s)]));
  expect(inspect({ tensors, metadata: {} })).toMatchObject({
    kind: "dvae",
    fits: true,
    sizes: tinyDvae,
  });
});

test("the sizes of a wrong tensor are said by the others, whichever tensor it is", () => {
  const kinds = { "unified-voice": [voice, tinyVoice], dvae: [dvae, tinyDvae] } as const;
  for (const [kind, [shapes, sizes]] of Object.entries(kinds))
    for (const [name, shape] of Object.entries(shapes)) {
      // Only this one tensor has the size: any number is right.
      if (/pos_embedding/.test(name)) continue;
      const wrong = [...shape.slice(0, -1), (shape.at(-1) as number) * 7 + 5];
      const found = inspect(listing({ ...shapes, [name]: wrong }));
      expect(found.kind).toBe(kind);
      expect(found.misshapen, name).toMatchObject([
        { tensor: name, shape: wrong, expected: shape },
      ]);
      expect(found.sizes, name).toEqual(sizes);
      expect(found.fits).toBe(false);
    }
});

describe("says of a tensor of a wrong shape what likely happened", () => {
  test.each<[fact: string, shapes: Shapes, name: string, got: Shape, cause: string]>([
    [
      "another vocabulary",
      voice,
      "text_head.weight",
      [22, 8],
      "it is of a model with textTokens 22, where other tensors say 20",
    ],
    ["transposed", voice, "mel_head.weight", [8, 34], "it is stored transposed"],
    [
      "a linear layer for a convolution",
      dvae,
      "decoder.0.weight",
      [4, 3],
      "it has as many elements: another version stored it in another form",
    ],
    [
      "a length that never differs",
      dvae,
      "encoder.2.net.0.weight",
      [4, 4, 5],
      "axis 2 is 3 in every model of this kind",
    ],
    [
      "no multiple of a size",
      voice,
      "gpt.h.1.attn.c_attn.bias",
      [25],
      "axis 0 does not follow from modelDim, which other tensors say is 8",
    ],
    ["another model's", voice, "final_norm.weight", [2, 2], "it may be of another kind of model"],
  ])("%s", (_, shapes, name, got, cause) => {
    expect(inspect(listing({ ...shapes, [name]: got })).misshapen).toEqual([
      { tensor: name, shape: got, expected: shapes[name], cause },
    ]);
  });
});

describe("says of a missing tensor what likely happened", () => {
  test("it was left out", () => {
    expect(inspect(listing(without(voice, /^gpt\.h\.1\.ln_1\.bias$/))).missing).toEqual([
      {
        tensor: "gpt.h.1.ln_1.bias",
        expected: [8],
        cause:
          'the file has other tensors of "gpt.h.1": it was left out when the file was written or edited',
      },
    ]);
  });

  test("its whole layer is elsewhere", () => {
    const { missing, sizes } = inspect(listing(without(voice, /^gpt\.h\.1\./)));
    expect(sizes.layers).toBe(3);
    expect(missing).toHaveLength(12);
    expect(missing[0]?.cause).toBe(
      'nothing of "gpt.h.1" is in the file: it may be one part of several, or that was not saved',
    );
  });

  test("it has another name", () => {
    const renamed = { ...without(voice, /^final_norm\.weight/), "after.final_norm.weight": [8] };
    const found = inspect(listing(renamed));
    expect(found.missing[0]?.cause).toBe('it may be what the file calls "after.final_norm.weight"');
    expect(found.unexpected).toEqual(["after.final_norm.weight"]);
  });

  test("a length that no other tensor tells is in words", () => {
    const found = inspect(listing(without(voice, /^mel_pos/)));
    expect(found.missing[0]?.expected).toEqual(["maxMelTokens + 4", 8]);
    expect(found.sizes).not.toHaveProperty("maxMelTokens");
  });
});

describe("UnifiedVoice", () => {
  test("is told by its heads from its other definitions", () => {
    const head = (name: string) => ({ [`${name}.weight`]: [7, 8], [`${name}.bias`]: [7] });
    const three = inspect(listing({ ...voice, ...head("aligned_head") }));
    expect(three).toMatchObject({
      definition: "DL-Art-School unified_voice3",
      sizes: { alignedTextCodes: 7 },
      fits: true,
      unexpected: [],
    });
    const four = inspect(listing({ ...voice, ...head("alignment_head") }));
    expect(four.definition).toBe("DL-Art-School unified_voice4");
    expect(inspect(listing(voice)).definition).toBe(
      "tortoise-tts autoregressive, DL-Art-School unified_voice2",
    );
  });

  test("may have solo embeddings, mask buffers and second names", () => {
    const more = {
      text_solo_embedding: [1, 1, 8],
      mel_solo_embedding: [1, 1, 8],
      "gpt.h.0.attn.bias": [1, 1, 28, 28],
      "gpt.h.0.attn.masked_bias": [],
      "gpt.wte.weight": [34, 8],
      "inference_model.lm_head.1.bias": [34],
      "inference_model.transformer.ln_f.bias": [8],
    };
    const found = inspect(listing({ ...voice, ...more }));
    expect(found).toMatchObject({ fits: true, unexpected: [] });
    expect(found.ignored.map(({ what, tensors }) => [what, tensors.length])).toEqual([
      ["mask buffers of older transformers", 2],
      ["a second name of mel_embedding", 1],
      ["second names of the weights, made for generation", 2],
    ]);
  });

  test("does not tell its heads, lengths and special tokens", () => {
    const settings = inspect(listing(voice)).unknownSettings.map(({ setting }) => setting);
    expect(settings).toEqual([
      "heads",
      "mel_length_compression",
      "max_conditioning_inputs",
      "types",
      "start_text_token, stop_text_token",
      "start_mel_token, stop_mel_token",
    ]);
  });
});

test("a prefix is found, and what is beside it is listed by itself", () => {
  const found = inspect(
    listing({ ...prefixed("state_dict.module.", voice), "optim.state.0.exp_avg": [8] }),
  );
  expect(found).toMatchObject({ kind: "unified-voice", prefix: "state_dict.module.", fits: true });
  expect(found.ignored).toEqual([
    { what: "beside state_dict.module.*", tensors: ["optim.state.0.exp_avg"] },
  ]);
  const broken = inspect(listing({ ...prefixed("module.", voice), "module.final_norm.bias": [9] }));
  expect(broken.misshapen[0]?.tensor).toBe("module.final_norm.bias");
});

describe("a state of training", () => {
  const metadata = { "hawksbill.training": JSON.stringify({ version: 1, step: 40, epoch: 3 }) };
  const state = {
    ...prefixed("weights.", dvae),
    ...prefixed("optimizer.m.", dvae),
    ...prefixed("optimizer.v.", dvae),
  };

  test("of Hawksbill tells its model, its place and its sizes", () => {
    expect(inspect(listing(state, metadata))).toMatchObject({
      kind: "hawksbill-training",
      model: "dvae",
      sizes: tinyDvae,
      fits: true,
      notes: ["stands after step 40, in epoch 3"],
    });
  });

  test("of Hawksbill has moments of its weights' shapes, or fewer numbers", () => {
    const edited = {
      ...without(state, /^weights\.decoder\.0\.bias/),
      "optimizer.m.encoder.0.0.bias": [3],
      "optimizer.scale.encoder.1.0.weight": [1],
      "average.encoder.0.0.bias": [2],
    };
    const found = inspect(listing(edited, metadata));
    expect(found.fits).toBe(false);
    expect(found.misshapen).toEqual([
      {
        tensor: "optimizer.m.encoder.0.0.bias",
        shape: [3],
        expected: [2],
        cause: "its weight is of another shape: the file was put together of two",
      },
    ]);
    expect(found.missing.map(({ tensor }) => tensor)).toEqual(["weights.decoder.0.bias"]);
    expect(found.ignored.map(({ what }) => what)).toEqual([
      "of the optimiser",
      "moving average of the weights",
    ]);
  });

  test("of Hawksbill may be one of an adapter", () => {
    const adapter = {
      "weights.gpt.h.0.mlp.c_fc.lora_A.weight": [4, 8],
      "weights.gpt.h.0.mlp.c_fc.lora_B.weight": [32, 4],
    };
    expect(inspect(listing(adapter, metadata))).toMatchObject({
      kind: "hawksbill-training",
      model: "adapter",
      sizes: { rank: 4 },
      fits: true,
    });
  });

  test("of DL-Art-School has moments without weights", () => {
    const moments = {
      "optimizers.0.state.0.exp_avg": [3, 4],
      "optimizers.0.state.0.exp_avg_sq": [3, 4],
      "optimizers.0.state.1.exp_avg": [3],
      "optimizers.0.state.1.exp_avg_sq": [4],
    };
    expect(inspect(listing(moments, {}, { iter: 500, epoch: 2 }))).toMatchObject({
      kind: "dlas-training",
      sizes: { trainedTensors: 2 },
      parameters: 15,
      fits: false,
      misshapen: [{ tensor: "optimizers.0.state.1.exp_avg_sq", shape: [4], expected: [3] }],
      notes: ["stands after step 500, in epoch 2"],
    });
  });
});

describe("an adapter", () => {
  const adapter = {
    "base_model.model.gpt.h.0.attn.c_attn.lora_A.weight": [4, 8],
    "base_model.model.gpt.h.0.attn.c_attn.lora_B.weight": [24, 4],
    "base_model.model.gpt.h.1.attn.c_attn.lora_A.weight": [4, 8],
    "base_model.model.gpt.h.1.attn.c_attn.lora_B.weight": [24, 4],
  };

  test("is pairs of matrices of one rank", () => {
    expect(inspect(listing(adapter))).toMatchObject({
      kind: "adapter",
      sizes: { rank: 4, adaptedLayers: 2 },
      fits: true,
    });
  });

  test("of Hawksbill tells what it was made with, and may change convolutions", () => {
    const convolution = {
      "conditioning_encoder.init.lora_A.weight": [4, 80, 1],
      "conditioning_encoder.init.lora_B.weight": [8, 4, 1],
    };
    const metadata = { "hawksbill.adapter": '{"rank":4,"alpha":8}' };
    expect(inspect(listing({ ...adapter, ...convolution }, metadata))).toMatchObject({
      sizes: { rank: 4, adaptedLayers: 3 },
      fits: true,
      unknownSettings: [],
      notes: ['made by Hawksbill: {"rank":4,"alpha":8}'],
    });
  });

  test("has both matrices of a layer, and they fit", () => {
    const broken = {
      ...without(adapter, /h\.1.*lora_A/),
      "base_model.model.gpt.h.0.attn.c_attn.lora_B.weight": [24, 5],
    };
    const { missing, misshapen } = inspect(listing(broken));
    expect(missing).toMatchObject([
      { tensor: "base_model.model.gpt.h.1.attn.c_attn.lora_A.weight", expected: [4, "in"] },
    ]);
    expect(misshapen).toMatchObject([
      {
        tensor: "base_model.model.gpt.h.0.attn.c_attn.lora_B.weight",
        shape: [24, 5],
        expected: [24, 4],
      },
    ]);
  });
});

test.each<[string, Shapes, object]>([
  [
    "TorToiSe's pair of latents",
    { "0": [1, 1024], "1": [1, 2048] },
    { kind: "voice-latents", sizes: { autoregressive: 1024, diffusion: 2048 } },
  ],
  [
    "our latents",
    { autoregressive: [1024], diffusion: [2048] },
    { kind: "voice-latents", sizes: { autoregressive: 1024, diffusion: 2048 } },
  ],
  [
    "TorToiSe's list of recordings",
    { "0": [1, 70000], "1": [1, 90000], "2": [1, 80000] },
    { kind: "voice-clips", sizes: { clips: 3 } },
  ],
  ["mel normalisers", { "": [80] }, { kind: "mel-norms" }],
  ["nothing", {}, { kind: "unknown", fits: false, notes: ["the file holds no tensors at all"] }],
  [
    "something else",
    { "conv.weight": [3, 3] },
    {
      kind: "unknown",
      fits: false,
      notes: ['no model of TorToiSe has names such as "conv.weight"'],
    },
  ],
])("knows %s", (_, shapes, wanted) => {
  expect(inspect(listing(shapes))).toMatchObject(wanted);
});

test("hostile names take no time and no memory", () => {
  const names = Array.from({ length: 2000 }, (_, i) => `gpt.h.${i}${"9".repeat(i % 20)}.ln_1.bias`);
  const shapes = Object.fromEntries(
    [...names, "__proto__", "layers.1e9.weight"].map((n) => [n, [1]]),
  );
  const start = process.cpuUsage(); // Not by the clock: the machine may be busy.
  expect(inspect(listing(shapes)).fits).toBe(false);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(1000);
});

describe("modelSizes", () => {
  const weights = (shapes: Shapes) =>
    Object.fromEntries(Object.entries(shapes).map(([name, s]) => [name, zeros(s)]));

  test("gives the sizes of weights that are whole", () => {
    expect(
      modelSizes("dvae", weights({ ...dvae, more: [1] }), ["layers", "tokens"], "d.pth"),
    ).toEqual({ layers: 2, tokens: 9 });
  });

  test.each<[Shapes, string]>([
    [{}, 'd.pth: "encoder.0.0.weight" is missing; give the weights of a dVAE'],
    [
      { ...dvae, "codebook.embed": [3, 8], "decoder.0.bias": [5] },
      'd.pth: "codebook.embed" is [3, 8], expected [3, 9] (and 1 more tensors are missing or differ); it is of a model with tokens 8, where other tensors say 9',
    ],
    [
      without(dvae, /cluster_size/),
      'd.pth: "codebook.cluster_size" is missing; the file has other tensors of "codebook": it was left out when the file was written or edited',
    ],
  ])("says which tensor is wrong, and why %#", (shapes, message) => {
    expect(() => modelSizes("dvae", weights(shapes), [], "d.pth")).toThrow(
      expect.objectContaining({ message, name: CheckpointError.name }),
    );
  });
});
