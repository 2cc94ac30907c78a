import { DeviceError, type DeviceName } from "./device.js";
import { isFloat } from "./dtype.js";
import type { Graph, GraphValue } from "./onnx.js";
import { bytesOf } from "./traffic.js";

/** What a device can hold, in bytes; what it does not tell is left out. */
export interface DeviceLimits {
  /** The largest tensor: WebGPU's `maxStorageBufferBindingSize` or `maxBufferSize`, whichever is smaller. */
  readonly tensorBytes?: number;
  /** All together: 4 GiB for wasm. */
  readonly memoryBytes?: number;
}

/** The smaller of each. */
export function smallerLimits(a: DeviceLimits, b: DeviceLimits = {}): DeviceLimits {
  const smaller = (name: keyof DeviceLimits): DeviceLimits => {
    const both = [a[name], b[name]].filter((bytes) => bytes !== undefined);
    return both.length > 0 ? { [name]: Math.min(...both) } : {};
  };
  return { ...smaller("tensorBytes"), ...smaller("memoryBytes") };
}

/**
 * Refuses a program that a device cannot hold, before anything is copied there.
 *
 * @throws {DeviceError} One tensor, or what is given and returned together, is too large; says what would fit.
 */
export function requireFits(
  graph: Graph,
  { tensorBytes = Number.POSITIVE_INFINITY, memoryBytes = Number.POSITIVE_INFINITY }: DeviceLimits,
  { device, program }: { readonly device: DeviceName; readonly program: string },
): void {
  const results = graph.nodes.flatMap((node) => node.results);
  for (const value of [...graph.constants, ...graph.inputs, ...results]) {
    const bytes = bytesOf(value);
    if (bytes <= tensorBytes) continue;
    throw new DeviceError(
      `${device}: "${program}" needs a tensor of ${megabytes(bytes)} (${describe(value)}), and this device holds ${megabytes(tensorBytes)} in one; ${advice(value, bytes, tensorBytes, graph)}, or another device`,
      { reason: "limit" },
    );
  }
  const needed = sum([...graph.constants, ...graph.inputs, ...graph.outputs]);
  if (needed <= memoryBytes) return;
  const weights = sum(graph.constants);
  const others = needed - weights;
  const form = (["float16", "int8"] as const).find(
    (one) => weightBytesIn(one, graph.constants) + others <= memoryBytes,
  );
  throw new DeviceError(
    `${device}: "${program}" needs at least ${megabytes(needed)}, ${megabytes(weights)} of it constant weights, and this device has ${megabytes(memoryBytes)}; ${form ? `weights in ${form} would fit` : "no form of the weights would fit: take a smaller model or batch"}, or another device`,
    { reason: "limit" },
  );
}

/** What would make one tensor small enough. */
function advice(value: GraphValue, bytes: number, limit: number, graph: Graph): string {
  const share = Math.ceil(bytes / limit);
  const isWeight = graph.constants.some(({ name }) => name === value.name);
  if (isWeight && share <= 2 && value.dtype === "float32") return "in float16 it would fit";
  if (isWeight) return `it would have to be a ${share}th of it: take a smaller model`;
  return `give 1/${share} of the rows or of the length`;
}

function describe({ name, dtype, shape }: GraphValue): string {
  return `${name}, ${dtype}[${shape}]`;
}

function sum(values: readonly GraphValue[]): number {
  return values.reduce((total, value) => total + bytesOf(value), 0);
}

/** Bytes of constants when those of wider floating point are of this form. */
function weightBytesIn(form: "float16" | "int8", constants: readonly GraphValue[]): number {
  return constants.reduce((total, value) => {
    const narrow = isFloat(value.dtype) ? { ...value, dtype: form } : value;
    return total + Math.min(bytesOf(value), bytesOf(narrow));
  }, 0);
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toPrecision(3))} MB`;
}
