import { decodeSafetensors } from "@hawksbill/checkpoint";
import { subtree, type Tensor, toNumbers } from "@hawksbill/core";
import { Tokenizer } from "@hawksbill/text";
import { type SpeechRequest, type TortoiseModel, tortoiseModel } from "@hawksbill/tortoise";

/** What tools/fixtures/chain.py made of a text with PyTorch 2.13 (seed 40). */
export const chainUrl = new URL("../fixtures/chain.safetensors", import.meta.url);

/** Three times what float32 alone does to PyTorch's: in float64 its mels are up to 9.1e-6 and its waves 3.3e-5 away. */
export const tolerance = { mel: 3e-5, wave: 1e-4 };

export interface Chain {
  readonly model: TortoiseModel;
  readonly request: SpeechRequest & Required<Pick<SpeechRequest, "maxCodes">>;
  /** Of the request for drawn ones. */
  readonly candidates: number;
  /** A tensor of the file. */
  numbers(name: string): number[];
}

export function openChain(bytes: Uint8Array): Chain {
  const { tensors, metadata } = decodeSafetensors(bytes, "chain.safetensors");
  const said = (name: string) => JSON.parse(metadata[name] as string);
  const numbers = (name: string): number[] => {
    const x = tensors[name] as Tensor;
    return Array.from(toNumbers(x.dataSync(), x.dtype));
  };
  const weights = {
    autoregressive: subtree(tensors, "weights.autoregressive"),
    diffusion: subtree(tensors, "weights.diffusion"),
    vocoder: subtree(tensors, "weights.vocoder"),
    clvp: subtree(tensors, "weights.clvp"),
  };
  const settings = { silence: said("silence") };
  return {
    model: tortoiseModel(tokenizer, weights, { heads: said("heads"), settings }),
    request: {
      text: tokenizer.decode(numbers("inputs.text")),
      voice: {
        autoregressive: Float32Array.from(numbers("inputs.voice.autoregressive")),
        diffusion: Float32Array.from(numbers("inputs.voice.diffusion")),
      },
      seed: said("speech_seed"),
      maxCodes: said("max_codes"),
      diffusion: { sampler: "ddim", steps: said("steps"), guidance: said("guidance") },
    },
    candidates: said("candidates"),
    numbers,
  };
}

/** A letter for each token from 3 on, so that any row of tokens can be written as a text. */
const tokenizer = new Tokenizer({
  tokens: new Map(["[STOP]", "[UNK]", "[SPACE]", ..."abcdefghij"].map((token, id) => [token, id])),
  merges: [],
  addedTokens: [{ id: 2, content: "[SPACE]", special: true }],
  fuseUnknown: false,
  cleaners: "none",
});

/** The largest difference over the largest magnitude wanted. */
export function relativeError(got: Float32Array | undefined, wanted: readonly number[]): number {
  if (got?.length !== wanted.length) return Infinity;
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const worst = got.reduce((most, x, i) => Math.max(most, Math.abs(x - (wanted[i] ?? NaN))), 0);
  return worst / largest;
}
