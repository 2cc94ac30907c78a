/**
 * Makes a checkpoint of random numbers in the shapes of a released one, tensor by tensor:
 *
 *   npx tsx --conditions=@hawksbill/source tools/make-checkpoint.ts SHAPES.json NAME OUT.pth|OUT.safetensors
 *
 * SHAPES.json has shapes by tensor by file: `{ "autoregressive.pth": { "text_embedding.weight": [256, 1024] } }`.
 */
import { readFileSync, statSync } from "node:fs";
import { writePth, writeSafetensors } from "@hawksbill/checkpoint/node";
import { lazyTensor, Random, type Shape, sizeOf, type Weights } from "@hawksbill/core";

type Shapes = Readonly<Record<string, Readonly<Record<string, Shape>>>>;

const [shapesPath, name, out] = process.argv.slice(2);
if (shapesPath === undefined || name === undefined || out === undefined)
  throw new Error("make-checkpoint: give the JSON of shapes, a name in it, and the path to write");
const files: Shapes = JSON.parse(readFileSync(shapesPath, "utf8"));
const shapes = files[name];
if (!shapes)
  throw new Error(`make-checkpoint: no "${name}"; give ${Object.keys(files).join(", ")}`);

const start = performance.now();
// Drawing each number anew would take minutes: the same million is repeated.
const noise = (await new Random(0).normal([2 ** 20]).data()) as Float32Array;

async function randomBytes(length: number): Promise<Uint8Array> {
  const numbers = new Float32Array(length);
  for (let at = 0; at < length; at += noise.length)
    numbers.set(noise.subarray(0, Math.min(noise.length, length - at)), at);
  return new Uint8Array(numbers.buffer);
}

const weights: Weights = Object.fromEntries(
  Object.entries(shapes).map(([tensor, shape]) => [
    tensor,
    lazyTensor({ read: () => randomBytes(sizeOf(shape)) }, { shape, dtype: "float32" }),
  ]),
);
await (out.endsWith(".pth") ? writePth(out, weights) : writeSafetensors(out, weights));

const seconds = ((performance.now() - start) / 1000).toFixed(1);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1000);
const gigabytes = (statSync(out).size / 1e9).toFixed(2);
console.log(
  `${out}: ${gigabytes} GB written in ${seconds} s with at most ${megabytes} MB of memory`,
);
