/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import type { Shape } from "@hawksbill/core";
import { expect, test } from "vitest";
import { decayGroups } from "./parameter-groups.js";

test("matrices decay; biases, norms, embeddings and position embeddings do not", () => {
  const shapes: Record<string, { shape: Shape }> = {
    "gpt.h.0.attn.c_attn.weight": { shape: [4, 12] },
    "conditioning_encoder.init.weight": { shape: [4, 80, 1] },
    "mel_head.weight": { shape: [9, 4] },
    "mel_head.bias": { shape: [9] },
    "gpt.h.0.ln_1.weight": { shape: [4] },
    "text_embedding.weight": { shape: [9, 4] },
    "mel_pos_embedding.emb.weight": { shape: [9, 4] },
  };
  expect(decayGroups(shapes)).toEqual([
    {
      names: ["gpt.h.0.attn.c_attn.weight", "conditioning_encoder.init.weight", "mel_head.weight"],
    },
    {
      names: [
        "mel_head.bias",
        "gpt.h.0.ln_1.weight",
        "text_embedding.weight",
        "mel_pos_embedding.emb.weight",
      ],
      weightDecay: 0,
    },
  ]);
});

test("a model without matrices has one group", () => {
  expect(decayGroups({ bias: { shape: [3] } })).toEqual([{ names: ["bias"], weightDecay: 0 }]);
});

const released = new URL("../../../../shared/data/state_dict_shapes.json", import.meta.url);

test.skipIf(!existsSync(released))(
  "the released UnifiedVoice falls into the original's groups of 135 and 275 (needs ../shared)",
  () => {
    const shapes: Record<string, Shape> = JSON.parse(readFileSync(released, "utf8"))[
      "autoregressive.pth"
    ];
    const weights = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, { shape }]),
    );
    const counts = decayGroups(weights).map(({ names }) => [
      names.length,
      names.reduce((sum, name) => sum + (shapes[name] ?? []).reduce((size, n) => size * n, 1), 0),
    ]);
    expect(counts).toEqual([
      [135, 411_387_904],
      [275, 10_138_882],
    ]);
  },
);
