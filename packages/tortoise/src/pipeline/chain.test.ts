/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import { Clvp } from "@hawksbill/clvp";
import { openDevice, Random, subtree, type Tensor, toNumbers, type Weights } from "@hawksbill/core";
import { Diffusion } from "@hawksbill/diffusion";
import { Tokenizer } from "@hawksbill/text";
import { Tortoise, tortoiseModel } from "@hawksbill/tortoise";
import { UnifiedVoice } from "@hawksbill/unified-voice";
import { Univnet } from "@hawksbill/vocoder";
import { expect, test } from "vitest";

/** What PyTorch computed with the original modules, beside the repository. */
const shared = new URL("../../../../../shared/fixtures/", import.meta.url);

const opened = (name: string): Weights =>
  decodeSafetensors(readFileSync(new URL(`${name}.safetensors`, shared)), name).tensors;

const rowsOf = (x: Tensor | undefined, width: number): Float32Array =>
  Float32Array.from(toNumbers((x as Tensor).dataSync(), (x as Tensor).dtype)).subarray(0, width);

/** A letter for each token from 3 on, so that any row of tokens can be written as a text. */
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR";
const tokenizer = new Tokenizer({
  tokens: new Map(["[STOP]", "[UNK]", "[SPACE]", ...letters].map((token, id) => [token, id])),
  merges: [],
  addedTokens: [{ id: 2, content: "[SPACE]", special: true }],
  fuseUnknown: false,
  cleaners: "none",
});

/** The largest difference over the largest magnitude wanted. */
function relativeError(got: Float32Array, wanted: Float32Array): number {
  if (got.length !== wanted.length) return Infinity;
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return (
    got.reduce((most, x, i) => Math.max(most, Math.abs(x - (wanted[i] as number))), 0) / largest
  );
}

test.skipIf(!existsSync(shared))(
  "greedy codes, fixed codes, latents, 10 steps of DDIM, UnivNet: as stage by stage (needs ../shared)",
  async () => {
    const [spoken, denoised, sounded, judged] = [
      opened("unified_voice_tortoise"),
      opened("diffusion"),
      opened("univnet"),
      opened("clvp"),
    ] as [Weights, Weights, Weights, Weights];
    const weights = {
      autoregressive: subtree(spoken, "weights"),
      diffusion: subtree(denoised, "weights"),
      vocoder: subtree(sounded, "weights"),
      clvp: subtree(judged, "weights"),
    };
    // The numbers are of a text with one stop token, the one that the model adds.
    const settings = { silence: { calm: 7, ending: [3, 3, 9] }, extraStop: false };
    const model = tortoiseModel(tokenizer, weights, { heads: 4, settings });
    const tokens = Array.from(rowsOf(spoken["inputs.text"], 13));
    const text = tokenizer.decode(tokens);
    const voice = {
      autoregressive: rowsOf(spoken["outputs.conditioning_latent"], 64),
      diffusion: rowsOf(denoised["outputs.conditioning_latent"], 64),
    };
    const prompt = { tokens, voice: voice.autoregressive };
    const device = await openDevice("cpu", { threads: 1 });
    const tortoise = Tortoise.create(model, device);
    const parts = {
      unifiedVoice: UnifiedVoice.create(weights.autoregressive, device, { heads: 4 }),
      diffusion: Diffusion.create(weights.diffusion, device),
      univnet: Univnet.create(weights.vocoder, device),
      clvp: Clvp.create(weights.clvp, device),
    };

    const maxCodes = 30;
    const diffusion = { sampler: "ddim", steps: 10 } as const;
    const speech = await tortoise.speak({
      text,
      voice,
      sampling: "greedy",
      maxCodes,
      diffusion,
      seed: 3,
    });

    // PyTorch's greedy codes go on behind the stop token.
    const theirs = Array.from(rowsOf(spoken["outputs.greedy_codes"], maxCodes));
    const end = theirs.indexOf(model.config.stopMelToken);
    expect(end).toBe(4);
    expect(speech.stopped).toBe(true);
    expect(Array.from(speech.codes)).toEqual(theirs.slice(0, end));

    const fixed = [...theirs.slice(0, end), ...Array(maxCodes - 3 - end).fill(7), 3, 3, 9];
    const all = await parts.unifiedVoice.latents(prompt, fixed);
    const kept = fixed.slice(0, end + 8); // Eight calm codes stay: what comes behind cannot change them.
    const latents = await parts.unifiedVoice.latents(prompt, kept);
    expect(relativeError(all.slice(0, latents.length), latents)).toBeLessThan(1e-5);
    const random = new Random(3).fork("sound 0");
    const mel = await parts.diffusion.sample({
      ...diffusion,
      latents,
      conditioning: voice.diffusion,
      random: random.fork("diffusion"),
    });
    expect(relativeError(speech.mel?.data ?? new Float32Array(), mel.data)).toBeLessThan(1e-5);
    const wave = await parts.univnet.inference(speech.mel ?? mel, {
      random: random.fork("vocoder"),
    });
    expect(speech.audio).toEqual(wave);

    // Candidates are compared as CLVP compares them: all codes, and one stop token behind the text.
    const several = await tortoise.speak({ text, voice, candidates: 3, maxCodes, diffusion });
    const filled = several.candidates.map(({ codes, stopped }) =>
      stopped
        ? [...codes, ...Array(maxCodes - codes.length).fill(7)].toSpliced(-3, 3, 3, 3, 9)
        : codes,
    );
    const scores = await parts.clvp.similarity([...tokens, 0], filled);
    expect(several.candidates.map(({ score }) => score)).toEqual(Array.from(scores));
    expect(several.score).toBe(Math.max(...scores));

    await tortoise.dispose();
    for (const part of Object.values(parts)) await part.dispose();
    await device.close();
  },
);
