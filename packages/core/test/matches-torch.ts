import { describe, expect, test } from "vitest";
import reference from "../fixtures/ops.json" with { type: "json" };
import {
  add,
  cast,
  compile,
  type DType,
  isFloat,
  mul,
  reshape,
  scope,
  sum,
  Tensor,
  tensor,
  toNumbers,
  valueAndGradWithAux,
} from "../src/index.js";
import { device, hasFloat16 } from "./device.js";

interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Reference {
  readonly inputs: readonly Stored[];
  readonly outputs: readonly Stored[];
  readonly gradients: readonly Stored[];
}

/** PyTorch's numbers by test name, from tools/fixtures/ops.py. */
export const references: Readonly<Record<string, Reference>> = reference.cases;

/** Float32 has 24 bits (6e-8); sums of some dozen terms, and a GPU's own exp and tanh, lose a few. */
const float32Tolerance = 3e-5;
/** Float16 has 11 bits (5e-4); a few operations in a row lose a few. */
const float16Tolerance = 2e-2;
/** Of a slope over ±1/64: rounding gives 6e-8 · 64 a term, curvature (1/64)² / 6 · f‴. */
const slopeTolerance = 5e-3;
const step = 1 / 64;

type Operation = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

interface Exceptions {
  /** Of values and gradients, where the usual one is too strict. */
  readonly tolerance?: number;
  /** Why finite differences must not agree. */
  readonly noSlope?: string;
  /** Float16 is made of float32 in it, so a device without float16 cannot do it. */
  readonly toFloat16?: boolean;
}

/** Every operation that was given to `matchesTorch`, to see that none is missing. */
export const tested = new Map<string, Operation>();

/**
 * Tests an operation's values and gradients against PyTorch's numbers of this name, its gradients
 * against finite differences, and both again in float16.
 */
export function matchesTorch(name: string, operation: Operation, except: Exceptions = {}): void {
  const { tolerance = float32Tolerance } = except;
  tested.set(name, operation);
  describe(name, () => {
    const wanted = references[name];
    test.skipIf(except.toFloat16 && !hasFloat16)("as PyTorch", async ({ task }) => {
      task.meta.worst = await compareWithTorch(operation, wanted, "float32", tolerance);
    });
    const hasSlope = wanted?.gradients.some((g) => g.data.some((n) => n !== 0));
    if (wanted && hasSlope && !except.noSlope)
      test("as finite differences", () => compareWithDifferences(operation, wanted));
    if (wanted?.inputs.some((x) => x.dtype === "float32") && !except.toFloat16)
      test.skipIf(!hasFloat16)("as PyTorch, in float16", async () => {
        await compareWithTorch(operation, wanted, "float16", float16Tolerance);
      });
  });
}

/** @returns The worst error. */
async function compareWithTorch(
  operation: Operation,
  wanted: Reference | undefined,
  float: DType,
  tolerance: number,
): Promise<number> {
  if (!wanted) throw new Error("no such case in fixtures/ops.json; run tools/fixtures/ops.py");
  let worst = 0;
  await scope(async () => {
    const { outputs, gradients } = await valuesAndGradients(operation, inputsOf(wanted, float));
    expect(outputs.map(form)).toEqual(wanted.outputs.map((x) => form(inFloat(x, float))));
    for (const [i, output] of outputs.entries())
      worst = Math.max(worst, close(`output ${i}`, output, wanted.outputs[i], tolerance));
    expect(gradients).toHaveLength(wanted.gradients.length);
    for (const [i, gradient] of gradients.entries())
      worst = Math.max(worst, close(`gradient ${i}`, gradient, wanted.gradients[i], tolerance));
  });
  return worst;
}

async function compareWithDifferences(operation: Operation, wanted: Reference): Promise<void> {
  await scope(async () => {
    const inputs = inputsOf(wanted, "float32");
    const { gradients } = await valuesAndGradients(operation, inputs);
    const floats = inputs.filter((x) => isFloat(x.dtype));
    const run = compile((...xs: Tensor[]) => outputsOf(operation, xs), { device });
    // Summed here in float64: the loss in float32 would lose what a small step changes.
    const loss = async (): Promise<number> => {
      const outputs = (await run(...inputs)).filter((y) => isFloat(y.dtype));
      const terms = outputs.map((y) =>
        Array.from(toNumbers(y.dataSync(), y.dtype), (n, i) => n * weight(i)),
      );
      return terms.flat().reduce((total, term) => total + term, 0);
    };
    for (const [i, x] of floats.entries()) {
      const data = x.dataSync() as Float32Array;
      const slopes = new Float32Array(data.length);
      for (let j = 0; j < data.length; j++) {
        const at = data[j] as number;
        data[j] = at + step;
        const above = await loss();
        data[j] = at - step;
        slopes[j] = (above - (await loss())) / (2 * step);
        data[j] = at;
      }
      close(`gradient ${i}`, gradients[i] as Tensor, { data: slopes }, slopeTolerance);
    }
    await run.release();
  });
}

/** All outputs, and the gradients of Σ weight · output for the inputs of floating point. */
async function valuesAndGradients(
  operation: Operation,
  inputs: readonly Tensor[],
): Promise<{ outputs: readonly Tensor[]; gradients: readonly Tensor[] }> {
  const floats = inputs.filter((x) => isFloat(x.dtype));
  const others = inputs.filter((x) => !isFloat(x.dtype));
  const run = compile(
    (xs: readonly Tensor[], rest: readonly Tensor[]) =>
      valueAndGradWithAux((ys: readonly Tensor[]) => {
        const inOrder = inputs.map((x) => ys[floats.indexOf(x)] ?? rest[others.indexOf(x)]);
        const outputs = outputsOf(operation, inOrder as Tensor[]);
        const loss = outputs
          .filter((y) => isFloat(y.dtype))
          .map((y) => sum(mul(reshape(cast(y, "float32"), [-1]), weights(y.size))))
          .reduce(add, tensor(0));
        return { loss, aux: outputs };
      })(xs),
    { device },
  );
  const { aux, grads } = await run(floats, others);
  await run.release();
  return { outputs: aux, gradients: grads };
}

function outputsOf(operation: Operation, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = operation(...inputs);
  return result instanceof Tensor ? [result] : result;
}

function inputsOf({ inputs }: Reference, float: DType): Tensor[] {
  return inputs.map((x) => {
    const { dtype, shape, data } = inFloat(x, float);
    return tensor([...data], { dtype: dtype as DType, shape });
  });
}

/** The stored tensor with another dtype of floating point. */
function inFloat(x: Stored, float: DType): Stored {
  return x.dtype === "float32" ? { ...x, dtype: float } : x;
}

function form({ dtype, shape }: { dtype: string; shape: readonly number[] }): string {
  return `${dtype}[${shape}]`;
}

/** The loss's weight of element i: the same as in tools/fixtures/ops.py. */
function weight(i: number): number {
  return (((7 * i) % 11) - 5) / 4;
}

function weights(size: number): Tensor {
  return tensor(Float32Array.from({ length: size }, (_, i) => weight(i)));
}

/** @returns The worst error; fails with the first element that is further off than `tolerance`. */
function close(
  what: string,
  got: Tensor,
  wanted: { readonly data: ArrayLike<number> } | undefined,
  tolerance: number,
): number {
  const numbers = Array.from(toNumbers(got.dataSync(), got.dtype));
  const allowed = isFloat(got.dtype) ? tolerance : 0;
  const errors = numbers.map((n, i) => {
    const want = wanted?.data[i] ?? Number.NaN;
    return Math.abs(n - want) / Math.max(1, Math.abs(want));
  });
  const bad = errors.findIndex((error) => !(error <= allowed));
  const report = `${what}, ${got}, element ${bad}: ${numbers[bad]}, wanted ${wanted?.data[bad]}`;
  expect(bad, report).toBe(-1);
  return Math.max(0, ...errors);
}
