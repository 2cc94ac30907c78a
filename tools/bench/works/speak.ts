import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { clvpShapes } from "@hawksbill/clvp";
import { openDevice, Random, subtree, tensor } from "@hawksbill/core";
import { diffusionShapes, framesFor } from "@hawksbill/diffusion";
import { Tokenizer } from "@hawksbill/text";
import { presets, Tortoise, tortoiseModel } from "@hawksbill/tortoise";
import { weightShapes } from "@hawksbill/unified-voice";
import { univnetShapes } from "@hawksbill/vocoder";
import { released } from "../../released-sizes.js";
import {
  type Adapt,
  type Files,
  numbers,
  readNumbers,
  repeatingWeights,
  type Work,
} from "../work.js";

const { unifiedVoice, univnet } = released;
const preset = "ultra_fast";
const { candidates, diffusion } = presets[preset];
const seed = 1;

/** A sentence of 60 letters. */
const letters = 60;
/** Codes of each candidate: 5 seconds, or 1 second in a quick measurement. */
const [codes, quickCodes] = [108, 22];

/** A letter for each token from 3 on. */
const alphabet = "abcdefghijklmnopqrstuvwxyz";
const tokenizer = new Tokenizer({
  tokens: new Map(["[STOP]", "[UNK]", "[SPACE]", ...alphabet].map((token, id) => [token, id])),
  merges: [],
  addedTokens: [{ id: 2, content: "[SPACE]", special: true }],
  fuseUnknown: false,
  cleaners: "none",
});
const text = Array.from({ length: letters }, (_, i) => alphabet[(i * 7) % 26]).join("");

/** Random weights that keep what goes through them; and no candidate stops by itself, so that both sides speak as long. */
const adapt: Adapt = (name, data) => {
  if (name.endsWith("inv_freq")) data.set(data.map((_, i) => 10_000 ** (-i / data.length)));
  if (name.endsWith("mel_head.bias")) data[unifiedVoice.stopMelToken] = -1000;
  if (!name.endsWith("kernel_conv.weight")) return;
  const fanIn = univnet.channels * univnet.kernelSize; // Predicted kernels are weights, too.
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) / Math.sqrt(fanIn);
};

function allShapes() {
  const parts = {
    autoregressive: weightShapes(unifiedVoice),
    diffusion: diffusionShapes(released.diffusion),
    clvp: clvpShapes(released.clvp),
    vocoder: univnetShapes(univnet),
  };
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, shapes]) =>
      Object.entries(shapes).map(([name, shape]) => [`weights.${part}.${name}`, shape]),
    ),
  );
}

/** What `Tortoise.speak` draws with this seed for so many codes, for a peer that draws from other generators. */
function drawn(codes: number) {
  const frames = framesFor(codes);
  const random = new Random(seed);
  const uniforms = Array.from({ length: candidates }, (_, row) => {
    const own = random.fork("codes").fork(row);
    return Array.from({ length: codes }, () => own.next());
  });
  const sound = random.fork("sound 0");
  const noise = sound.fork("diffusion");
  const normal = (label: string | number) => noise.fork(label).normal([1, 100, frames]);
  return {
    // Two halves of 16 bits: float32 would round the 32 bits of each.
    "inputs.uniforms.high": tensor(uniforms.map((row) => row.map((x) => Math.floor(x * 65_536)))),
    "inputs.uniforms.low": tensor(uniforms.map((row) => row.map((x) => (x * 65_536) % 1))),
    "inputs.noise.start": normal("start"),
    ...Object.fromEntries(
      Array.from({ length: diffusion.steps - 1 }, (_, i) => [`inputs.noise.${i}`, normal(i)]),
    ),
    "inputs.noise.vocoder": sound.fork("vocoder").normal([univnet.noiseDim, frames + 10]),
  };
}

function filesOf(name: string, codes: number): Files {
  return {
    name,
    make: (path) => {
      const voice = new Random(9);
      return writeSafetensors(path, {
        ...repeatingWeights(allShapes(), adapt),
        "inputs.text": tensor(Int32Array.from([...tokenizer.encode(text), 0])),
        "inputs.voice.autoregressive": voice.normal([unifiedVoice.modelDim]),
        "inputs.voice.diffusion": voice.normal([2 * released.diffusion.modelChannels]),
        ...drawn(codes),
      });
    },
  };
}

/** A whole speech: candidates in one batch, ranking, latents of the best, diffusion, vocoder. */
const ultraFast = (precision: "float32" | "int8"): Work => ({
  id: precision === "int8" ? "speak.ultra-fast.int8" : "speak.ultra-fast",
  group: "speak",
  what: `${precision === "int8" ? "with matrices in 8 bits (the peer's in float32; other codes are drawn, so the sound is not compared): " : ""}a sentence of 5 s in the released sizes: ${candidates} candidates of ${codes} codes (--quick: 1 s, ${quickCodes} codes), CLVP, latents, ${diffusion.steps} steps of diffusion, UnivNet`,
  peers: ["pytorch-fp32"],
  files: filesOf("ultra-fast.safetensors", codes),
  quickFiles: filesOf("ultra-fast-quick.safetensors", quickCodes),
  open: async (path) => {
    const { weights, inputs } = await readNumbers(path);
    const part = (name: string) => subtree(weights, name);
    const model = tortoiseModel(tokenizer, {
      autoregressive: part("autoregressive"),
      diffusion: part("diffusion"),
      clvp: part("clvp"),
      vocoder: part("vocoder"),
    });
    const tortoise = Tortoise.create(model, await openDevice("cpu"), { weights: precision });
    const voice = {
      autoregressive: await numbers(inputs["voice.autoregressive"]),
      diffusion: await numbers(inputs["voice.diffusion"]),
    };
    const [, maxCodes = codes] = inputs["uniforms.high"]?.shape ?? [];
    return async () => {
      const speech = await tortoise.speak({ text, voice, preset, maxCodes, seed });
      return {
        outputs: {
          codes: speech.candidates.flatMap((candidate) => [...candidate.codes]),
          scores: speech.candidates.map(({ score = 0 }) => score),
          mel: speech.mel?.data ?? [],
          sound: speech.audio.samples,
        },
      };
    };
  },
  ...(precision === "int8" ? { tolerance: null } : {}),
  runs: [2, 1],
});

export const speakWorks: readonly Work[] = [ultraFast("float32"), ultraFast("int8")];
