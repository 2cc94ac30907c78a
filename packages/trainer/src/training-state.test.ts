import { Random, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { decodeTrainingState, encodeTrainingState, type TrainingState } from "./training-state.js";

const state: TrainingState = {
  step: 7,
  epoch: 1,
  batch: 2,
  weights: { "h.0.weight": tensor([1, 2]) },
  optimizer: {
    step: 6,
    moments: { m: { "h.0.weight": tensor([3, 4]) }, v: { "h.0.weight": tensor([5, 6]) } },
  },
  random: new Random(9).state,
};

test("weights and moments are named as in the model, under a prefix", () => {
  const { tensors } = encodeTrainingState(state);
  expect(Object.keys(tensors)).toEqual([
    "weights.h.0.weight",
    "optimizer.m.h.0.weight",
    "optimizer.v.h.0.weight",
  ]);
});

test("decoding gives back what was encoded", () => {
  expect(decodeTrainingState(encodeTrainingState(state))).toEqual(state);
});

test.each([
  [
    {},
    "a.safetensors: it holds no training state, only weights; start anew from them, or give a file that training saved",
  ],
  [
    { "hawksbill.training": "{" },
    "a.safetensors: its training state is damaged; use an older checkpoint",
  ],
  [
    { "hawksbill.training": "null" },
    "a.safetensors: its training state is damaged; use an older checkpoint",
  ],
  [
    { "hawksbill.training": '{"version":1,"step":-1}' },
    "a.safetensors: its training state is damaged; use an older checkpoint",
  ],
  [
    { "hawksbill.training": '{"version":2}' },
    "a.safetensors: its training state has version 2, this program reads 1; update Hawksbill",
  ],
])("metadata %o is refused", (metadata, message) => {
  expect(() => decodeTrainingState({ tensors: {}, metadata }, "a.safetensors")).toThrow(message);
});
