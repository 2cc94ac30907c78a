import { openDevice, Random, type Shape } from "@hawksbill/core";
import { Decoder, weightShapes } from "@hawksbill/unified-voice";
import { released } from "../../released-sizes.js";
import { numbers, readNumbers, type Work, writeNumbers } from "../work.js";

const config = released.unifiedVoice;

/** A sentence of 5 seconds. */
const textTokens = 61;
const steps = 108;

/** One step of cached decoding, the mean of a sentence's; the prompt is read beforehand, and not timed. */
function decode(precision: "fp32" | "int8", rows: 1 | 16): Work {
  return {
    id: `decode.${precision}.b${rows}`,
    group: "speak",
    what: `one code of ${rows === 1 ? "one row" : `${rows} rows`}, UnifiedVoice of the released size${precision === "int8" ? ", weights in 8 bits (the peer's in float32)" : ""}`,
    peers: ["pytorch-fp32"],
    files: {
      name: "unified-voice.safetensors",
      make: (path) => {
        const random = new Random(3);
        return writeNumbers(path, {
          weights: decoderShapes(),
          inputs: { voice: random.normal([config.modelDim]), rows: random.normal([16, steps]) },
        });
      },
    },
    open: async (path) => {
      const { weights, inputs } = await readNumbers(path);
      const options = { weights: precision === "int8" ? "int8" : "float32" } as const;
      const decoder = new Decoder(weights, config, await openDevice("cpu"), options);
      const tokens = Array.from({ length: textTokens }, (_, i) => 1 + (i % 250));
      const prompt = { tokens, voice: await numbers(inputs.voice) };
      const codes = codesOf(await numbers(inputs.rows));
      return async () => {
        const decoding = await decoder.begin(Array(rows).fill(prompt), steps);
        const began = performance.now();
        let outputs: number[] = [];
        for (let i = 0; i < steps; i++) {
          const step = await decoding.step(
            codes.slice(0, rows).map((row) => row[i - 1] ?? config.startMelToken),
          );
          outputs = step.flatMap(({ logits }) => Array.from(logits.subarray(0, 512)));
        }
        const seconds = (performance.now() - began) / 1000 / steps;
        decoding.dispose();
        return { outputs, seconds };
      };
    },
    // Each matrix is read once a step, and so are the keys and values of each row.
    least: {
      [precision === "int8" ? "int8Operations" : "operations"]: 2 * rows * blockParameters,
      bytes: (precision === "int8" ? 1 : 4) * blockParameters + headBytes + rows * cacheBytes(),
    },
    // Through 30 layers of random weights, which keep no error small, rounded inputs and weights are off by so much.
    ...(precision === "int8" ? { tolerance: 0.2 } : {}),
    runs: [3, 1],
  };
}

/** What generating needs: no conditioning encoder, no text head. */
function decoderShapes(): Record<string, Shape> {
  const needed = ([name]: [string, Shape]): boolean =>
    !name.startsWith("conditioning_encoder.") && !name.startsWith("text_head.");
  return Object.fromEntries(Object.entries(weightShapes(config)).filter(needed));
}

const blockParameters = config.layers * 12 * config.modelDim ** 2;
/** In float32 in any case. */
const headBytes = 4 * config.modelDim * config.melCodes;

/** Keys and values of a row, in the middle of the sentence. */
function cacheBytes(): number {
  return 4 * 2 * config.layers * config.modelDim * (textTokens + 3 + steps / 2);
}

/** Numbers of the normal distribution as codes. */
function codesOf(normal: Float32Array): number[][] {
  return Array.from({ length: 16 }, (_, row) =>
    Array.from(normal.subarray(row * steps, (row + 1) * steps), (x) =>
      Math.floor(Math.abs(x) * 1000),
    ),
  );
}

export const decodeWorks: readonly Work[] = [
  decode("fp32", 1),
  decode("fp32", 16),
  decode("int8", 1),
  decode("int8", 16),
];
