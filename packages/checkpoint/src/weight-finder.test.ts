import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { CheckpointError, weightFinder } from "./index.js";

test("finds a tensor, and says which one is missing", () => {
  const found = weightFinder("toy.pth");
  const bias = tensor([1]);
  expect(found({ bias }, "bias")).toBe(bias);
  expect(() => found({ bias }, "weight")).toThrow(
    new CheckpointError("toy.pth", "is missing; give all weights of the model", {
      tensor: "weight",
    }),
  );
});
