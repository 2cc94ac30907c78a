/// <reference types="node" />
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import {
  compile,
  openDevice,
  slice,
  subtree,
  type Tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { afterAll, describe, expect, test } from "vitest";
import {
  type DvaeLosses,
  decodeCodes,
  dvaeLosses,
  encodeMel,
  encoder,
  inferDvaeConfig,
  splitDvae,
  updateCodebook,
} from "./index.js";

// Models this small are quicker on one thread, above all where other programs are busy.
const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

// Made by tools/fixtures/dvae.py with PyTorch 2.13.
for (const name of ["usual", "deep"])
  equalsPyTorch(name, new URL(`../fixtures/${name}.safetensors`, import.meta.url));

// The original module's numbers, beside the repository on the authors' machines.
const shared = new URL("../../../../shared/fixtures/dvae.safetensors", import.meta.url);
if (existsSync(shared)) equalsPyTorch("original", shared);
else test.skip("original (needs ../shared)", () => {});

function equalsPyTorch(name: string, path: URL): void {
  describe(name, async () => {
    const { tensors, metadata } = await readSafetensors(fileURLToPath(path));
    const weights = subtree(tensors, "weights");
    const mel = tensors["inputs.mel"] as Tensor;

    test("sizes are found from the weights", () => {
      const config = inferDvaeConfig(weights);
      const wanted = JSON.parse(metadata.config as string);
      const originals = wanted.num_tokens && {
        channels: wanted.channels,
        tokens: wanted.num_tokens,
        codebookDim: wanted.codebook_dim,
        hiddenDim: wanted.hidden_dim,
        resnetBlocks: wanted.num_resnet_blocks,
        layers: wanted.num_layers,
        kernelSize: wanted.kernel_size,
      };
      expect(config).toEqual(originals ?? wanted);
    });

    test("encoder, codes and decoded mel", async () => {
      const run = compile(
        (w: Weights, x: Tensor) => {
          const codes = encodeMel(w, x);
          return { encoded: encoder(w, x), codes, decoded: decodeCodes(w, codes) };
        },
        { device },
      );
      const { encoded, codes, decoded } = await run(weights, mel);
      expect(difference(encoded, tensors["outputs.encoder"])).toBeLessThan(1e-5);
      expect(difference(codes, tensors["outputs.codes"])).toBe(0);
      expect(difference(decoded, tensors["outputs.decoded"])).toBeLessThan(1e-5);
    });

    test("losses, gradients and codebook of a training step", async () => {
      const { parameters, codebook } = splitDvae(weights);
      const { layers } = inferDvaeConfig(weights);
      const frames = mel.shape[2] as number;
      const step = compile(
        (p: Weights, x: Tensor) =>
          valueAndGradWithAux((q: Weights) => {
            const crop = slice(x, { axis: 2, end: frames - (frames % 2 ** layers) });
            const { loss, ...aux }: DvaeLosses = dvaeLosses({ ...q, ...codebook }, crop);
            return { loss, aux };
          })(p),
        { device },
      );
      const { grads, aux } = await step(parameters, mel);
      const recon =
        tensors["outputs.reconstruction_loss"] ?? tensors["outputs.train_recon_loss_mean"];
      const commit = tensors["outputs.commitment_loss"] ?? tensors["outputs.train_commitment_loss"];
      expect(difference(aux.reconstructionLoss, recon)).toBeLessThan(1e-5);
      expect(difference(aux.commitmentLoss, commit)).toBeLessThan(1e-5);
      const wanted = subtree(tensors, "grads");
      expect(Object.keys(grads).sort()).toEqual(Object.keys(wanted).sort());
      for (const [parameter, gradient] of Object.entries(wanted))
        expect(difference(grads[parameter], gradient), parameter).toBeLessThan(1e-5);
      const moved = updateCodebook(codebook, aux).codebook;
      for (const [buffer, value] of Object.entries(subtree(tensors, "after")))
        expect(difference(moved[buffer], value), buffer).toBeLessThan(1e-6);
    });
  });
}

/** |got - wanted| / |wanted|, of the whole tensors. */
function difference(got: Tensor | undefined, wanted: Tensor | undefined): number {
  expect(got?.shape).toEqual(wanted?.shape);
  const a = Array.from((got as Tensor).dataSync(), Number);
  const b = Array.from((wanted as Tensor).dataSync(), Number);
  return Math.hypot(...a.map((x, i) => x - (b[i] as number))) / Math.hypot(...b);
}
