import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint, writeSafetensors } from "@hawksbill/checkpoint/node";
import { lazyTensor, Random, type Shape, sizeOf, type Tensor, type Weights } from "@hawksbill/core";

/** One timed run, and what came out of it, to be compared; with the time if it took that itself. */
export type Run = () => Promise<
  ArrayLike<number> | { readonly outputs: ArrayLike<number> | Stages; readonly seconds?: number }
>;

/** What came out of each stage of some work. */
export type Stages = Readonly<Record<string, ArrayLike<number>>>;

/** A piece of work that is timed here and at its peers: in Python, by the function of the same name in peers.py, or as `openPeer` says. */
export interface Work {
  readonly id: string;
  readonly group: Group;
  readonly what: string;
  /** Peers that do it, as peers.py or `openPeer` knows them. */
  readonly peers: readonly Peer[];
  /** What both sides read. Its name says all it depends on: what is there is not made again. */
  readonly files?: Files;
  /** What both sides read in a quick measurement, where it is less work. */
  readonly quickFiles?: Files;
  /** @param path Of the file. */
  readonly open: (path: string) => Promise<Run>;
  /** Its peers in JavaScript (`javascriptPeers`). Those in a browser have memory that is not measured. */
  readonly openPeer?: (peer: JavascriptPeer, path: string) => Promise<Run>;
  /** Whether ours is in another process, e.g. a browser: its memory is not measured. */
  readonly isElsewhere?: boolean;
  /** What nobody can save: floating-point operations, those that ours may do in 8 bits, and bytes from memory or disk. */
  readonly least?: {
    readonly operations?: number;
    readonly int8Operations?: number;
    readonly bytes?: number;
  };
  /** Largest ‖ours − theirs‖ / ‖theirs‖; bfloat16 may be off by more. Default 1e-3; null: as much work gives other results. */
  readonly tolerance?: number | null;
  /** Runs in a full and in a quick measurement; default 5 and 2. */
  readonly runs?: readonly [full: number, quick: number];
  /** Each run is the first one of its process, as what happens once in a program's life; modules are loaded before. */
  readonly isFresh?: boolean;
  /** Runs beside one peer at a time, because all of them would not fit into memory. */
  readonly apart?: boolean;
}

export interface Files {
  readonly name: string;
  make(path: string): Promise<void>;
}

export const groups = ["train", "speak", "audio", "load", "web"] as const;
export type Group = (typeof groups)[number];

/** Peers that side.ts runs; peers.py has the others. */
export const javascriptPeers = ["jax-js", "tfjs", "transformers.js"] as const;
export type JavascriptPeer = (typeof javascriptPeers)[number];
export type Peer = "pytorch-fp32" | "pytorch-bf16" | "librosa" | JavascriptPeer;

export function isJavascript(peer: Peer): peer is JavascriptPeer {
  return javascriptPeers.some((one) => one === peer);
}

/**
 * Random weights of these shapes and random inputs in a file: norms are 1, biases 0, matrices keep the size of what
 * goes through them.
 */
export async function writeNumbers(
  path: string,
  {
    weights,
    inputs,
    adapt,
  }: {
    readonly weights: Readonly<Record<string, Shape>>;
    readonly inputs: Weights;
    readonly adapt?: Adapt;
  },
): Promise<void> {
  const random = new Random(7);
  const tensors: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(weights)) {
    const x = drawn(name, shape, random.fork(name));
    adapt?.(name, x.dataSync() as Float32Array);
    tensors[`weights.${name}`] = x;
  }
  for (const [name, x] of Object.entries(inputs)) tensors[`inputs.${name}`] = x;
  await writeSafetensors(path, tensors);
}

/** Changes drawn weights where the rules of `writeNumbers` do not hold. */
export type Adapt = (name: string, data: Float32Array) => void;

/**
 * The same for files of other forms, each tensor made as it is written. A million numbers come again and again: drawing
 * each anew would take minutes.
 */
export function repeatingWeights(shapes: Readonly<Record<string, Shape>>, adapt?: Adapt): Weights {
  const noise = new Random(7).normal([1_000_003]).dataSync() as Float32Array; // A prime: no two rows are alike.
  const read = async (name: string, shape: Shape): Promise<Uint8Array> => {
    const data = new Float32Array(sizeOf(shape));
    for (let at = 0; at < data.length; at += noise.length)
      data.set(noise.subarray(0, data.length - at), at);
    scale(name, shape, data);
    adapt?.(name, data);
    return new Uint8Array(data.buffer);
  };
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      lazyTensor({ read: () => read(name, shape) }, { shape, dtype: "float32" }),
    ]),
  );
}

function drawn(name: string, shape: Shape, random: Random): Tensor {
  const x = random.normal(shape);
  scale(name, shape, x.dataSync() as Float32Array);
  return x;
}

function scale(name: string, shape: Shape, data: Float32Array): void {
  const isVector = shape.length < 2 || name.endsWith("weight_g") || name.endsWith(".g");
  if (isVector) data.fill(name.endsWith("bias") ? 0 : 1);
  else {
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) / Math.sqrt(fanIn);
  }
}

/** The weights and the inputs of a file that `writeNumbers` made; weights stay in it. */
export async function readNumbers(path: string): Promise<{ weights: Weights; inputs: Weights }> {
  const { tensors } = await openCheckpoint(path);
  const part = (prefix: string): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, x]) => [name.slice(prefix.length), x]),
    );
  return { weights: part("weights."), inputs: part("inputs.") };
}

/** @param tensor Perhaps still in a file. */
export async function numbers(tensor: Tensor | undefined): Promise<Float32Array> {
  return (await tensor?.data()) as Float32Array;
}

/** Where files are kept from one measurement to the next. */
export const cacheFolder = join(tmpdir(), "hawksbill-bench");
