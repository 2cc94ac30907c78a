/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { lazyTensor, type Shape, type Weights } from "@hawksbill/core";
import { Tokenizer } from "@hawksbill/text";
import { candidateMB, presets, tortoiseModel } from "@hawksbill/tortoise";
import { expect, test } from "vitest";

const shared = new URL("../../../../../shared/data/", import.meta.url);

test.skipIf(!existsSync(shared))(
  "takes tensors of the released files' names and shapes (needs ../shared)",
  () => {
    const json = (name: string) => JSON.parse(readFileSync(new URL(name, shared), "utf8"));
    const shapes: Record<string, Record<string, Shape>> = json("state_dict_shapes.json");
    const lazy = (file: string): Weights =>
      Object.fromEntries(
        Object.entries(shapes[file] ?? {}).map(([name, shape]) => [
          name,
          lazyTensor({ read: async () => new Uint8Array() }, { shape, dtype: "float32" }),
        ]),
      );
    const model = tortoiseModel(Tokenizer.fromJSON(json("tortoise-tokenizer.json")), {
      autoregressive: lazy("autoregressive.pth"),
      diffusion: lazy("diffusion_decoder.pth"),
      vocoder: lazy("vocoder.pth"),
      clvp: lazy("clvp2.pth"),
      randomAutoregressive: lazy("rlg_auto.pth"),
      randomDiffusion: lazy("rlg_diffuser.pth"),
    });
    expect(model.config).toMatchObject({ layers: 30, heads: 16, stopMelToken: 8193 });
    expect(model.settings).toEqual({
      silence: { calm: 83, ending: [45, 45, 248] },
      extraStop: true,
    });
    // 245,760 bytes a position, as the specification of the original counts them.
    expect(candidateMB(model.config, 500)).toBe((245_760 * 905) / 2 ** 20);
  },
);

test("the presets have the numbers of TorToiSe and of tortoise-tts-fast", () => {
  const numbers = Object.entries(presets).map(([name, { candidates, sampling, diffusion }]) => [
    name,
    candidates,
    sampling.temperature,
    ...Object.values(diffusion),
  ]);
  expect(numbers).toEqual([
    ["ultra_fast", 16, 0.8, "ancestral", 30, 0],
    ["fast", 96, 0.8, "ancestral", 80, 2],
    ["standard", 256, 0.8, "ancestral", 200, 2],
    ["high_quality", 256, 0.8, "ancestral", 400, 2],
    ["tts-fast/single_sample", 8, 0.2, "ddim", 10, 2],
    ["tts-fast/ultra_fast", 16, 0.2, "ddim", 10, 2],
    ["tts-fast/ultra_fast_old", 16, 0.2, "ddim", 30, 0],
    ["tts-fast/very_fast", 32, 0.2, "dpm++2m", 30, 2],
    ["tts-fast/fast", 96, 0.2, "dpm++2m", 20, 2],
    ["tts-fast/fast_old", 96, 0.2, "ddim", 80, 2],
    ["tts-fast/standard", 256, 0.2, "ddim", 200, 2],
    ["tts-fast/high_quality", 256, 0.2, "ddim", 400, 2],
  ]);
});
