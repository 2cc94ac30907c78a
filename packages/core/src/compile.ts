import type { Device, Session } from "./device.js";
import { isFloat, toNumbers } from "./dtype.js";
import { encodeOnnx, type Graph, type GraphNode, graphOf } from "./onnx.js";
import { scope } from "./scope.js";
import { SharedSessions } from "./shared-sessions.js";
import { sourceOf, Tensor } from "./tensor.js";
import { mapTree, treeTensors } from "./tree.js";

/** A program gave a number that is not finite where `checkFinite` asked to look. */
export class NonFiniteError extends Error {
  override readonly name = "NonFiniteError";
}

export interface CompileOptions {
  readonly device: Device;
  /** Shown in errors and in the ONNX model; default the function's own name. */
  readonly name?: string;
  /** Programs kept, one for each combination of shapes, dtypes and settings; default 16. The longest unused goes first. */
  readonly maxPrograms?: number;
  /**
   * Leave results on the device (webgpu), to be fed to the next program: all, or those of whose path in what the
   * function returns (e.g. "grads.wte.weight") it says so; default none.
   */
  readonly keepOnDevice?: boolean | ((path: string) => boolean);
  /**
   * Let programs share what they have of the device, their constants above all, where they differ in nothing but the
   * lengths of inputs; default false. It takes operators that hold no such length: shapes with -1 in `reshape`, no
   * `slice`, `split` or `expand` to a length. Lengths that are known make programs faster.
   */
  readonly anyLength?: boolean;
  /** Refuse results that are NaN or infinite, and say which operator made the first; default false. */
  readonly checkFinite?: boolean;
}

/** A traced function, to look at. */
export interface Program {
  readonly graph: Graph;
  /** The model's bytes; Netron (https://netron.app) shows them. */
  readonly onnx: Uint8Array;
  /** One line an operator. */
  toString(): string;
}

export interface CompiledFunction<A extends unknown[], R> {
  /** Runs the program for these arguments, tracing the function first if they are of a new form. */
  (...args: A): Promise<R>;
  /** The program for these arguments, without running it. */
  program(...args: A): Program;
  /** How many programs are kept now. */
  readonly programCount: number;
  /** Frees all programs. */
  release(): Promise<void>;
}

interface Traced {
  readonly graph: Graph;
  /** The function's result with an index in place of each tensor. */
  readonly form: unknown;
  /** Where in the result each tensor is. */
  readonly paths: readonly string[];
}

interface Loaded {
  readonly traced: Traced;
  readonly session: Session;
}

interface Kept {
  readonly loading: Promise<Loaded>;
  /** Runs that have begun and not ended: it is freed after them. */
  runs: number;
  isEvicted: boolean;
}

/** Stands for an output of the program in the traced result. */
class Output {
  constructor(readonly index: number) {}
}

/**
 * Makes a function over tensors into one that runs on a device.
 *
 * The function is called once for each combination of its arguments' shapes, dtypes and settings
 * (numbers, strings, …), to be traced into a program. Tensors among the arguments are the program's
 * inputs; tensors that the function finds elsewhere become constants of it, such as frozen weights.
 */
export function compile<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions,
): CompiledFunction<A, R> {
  const {
    device,
    maxPrograms = 16,
    keepOnDevice = false,
    checkFinite = false,
    anyLength = false,
  } = options;
  const name = options.name ?? (fn.name || "program");
  if (!(maxPrograms >= 1))
    throw new RangeError(`compile: maxPrograms is ${maxPrograms}; give a number >= 1`);
  const shared = new SharedSessions(device, name);
  const programs = new Map<string, Kept>();

  async function load(args: A): Promise<Loaded> {
    const traced = trace(fn, args, name);
    const stays =
      typeof keepOnDevice === "function" ? traced.paths.map(keepOnDevice) : keepOnDevice;
    const session = anyLength
      ? await shared.load(traced.graph, stays)
      : await device.load(traced.graph, { name, keepOnDevice: stays });
    return { traced, session };
  }

  async function run(...args: A): Promise<R> {
    const inputs = treeTensors(args);
    for (const input of inputs) sourceOf(input, name);
    const key = keyOf(args);
    const program = programs.get(key) ?? { loading: load(args), runs: 0, isEvicted: false };
    programs.delete(key);
    programs.set(key, program); // Last in the map is last used.
    program.loading.catch(() => programs.delete(key));
    program.runs++;
    try {
      while (programs.size > maxPrograms) {
        const [oldest, evicted] = programs.entries().next().value as [string, Kept];
        programs.delete(oldest);
        evicted.isEvicted = true;
        if (evicted.runs === 0) await (await evicted.loading).session.release();
      }
      const { session, traced } = await program.loading;
      const results = await session.run(inputs);
      if (checkFinite) await requireFinite(results, inputs, traced.graph, device, name);
      return fill(traced.form, results) as R;
    } finally {
      program.runs--;
      if (program.isEvicted && program.runs === 0) await (await program.loading).session.release();
    }
  }

  return Object.defineProperty(
    Object.assign(run, {
      program(...args: A): Program {
        const { graph } = trace(fn, args, name);
        return { graph, onnx: encodeOnnx(graph, name), toString: () => describe(graph) };
      },
      async release() {
        const all = [...programs.values()];
        programs.clear();
        // One that failed to load has told so, and has nothing to free.
        const loadings = await Promise.allSettled(all.map(({ loading }) => loading));
        for (const loading of loadings)
          if (loading.status === "fulfilled") await loading.value.session.release();
      },
    }),
    "programCount",
    { get: () => programs.size },
  ) as CompiledFunction<A, R>;
}

/** Two argument lists with one key can share a program. */
function keyOf(args: readonly unknown[]): string {
  const form = mapTree(args, (x) => ({ tensor: x.toString() }));
  return JSON.stringify(form, (_, value) =>
    value === undefined
      ? { undefined: true }
      : Number.isFinite(value) || typeof value !== "number"
        ? value
        : { number: `${value}` },
  );
}

function trace<A extends unknown[], R>(fn: (...args: A) => R, args: A, name: string): Traced {
  const inputs: Tensor[] = [];
  const placeholders = mapTree(args, (x) => {
    const input = new Tensor(x.dtype, x.shape, { kind: "input", name: `input_${inputs.length}` });
    inputs.push(input);
    return input;
  });
  const result = fn(...placeholders);
  if (result instanceof Promise) {
    result.catch(() => {}); // It fails as it awaits a tensor without elements; the message is here.
    throw new TypeError(`compile: ${name} is async; give a function that only composes operators`);
  }
  const outputs: Tensor[] = [];
  const paths: string[] = [];
  const form = mapTree(result, (x, path) => {
    outputs.push(x);
    paths.push(path);
    return new Output(outputs.length - 1);
  });
  if (outputs.length === 0)
    throw new TypeError(`compile: ${name} returned no tensor; return a tensor or a tree of them`);
  return { graph: graphOf(inputs, outputs), form, paths };
}

function fill(form: unknown, results: readonly Tensor[]): unknown {
  if (form instanceof Output) return results[form.index];
  if (Array.isArray(form)) return form.map((item) => fill(item, results));
  if (form !== null && typeof form === "object")
    return Object.fromEntries(
      Object.entries(form).map(([name, item]) => [name, fill(item, results)]),
    );
  return form;
}

function describe(graph: Graph): string {
  const typed = ({ name, dtype, shape }: Graph["inputs"][number]): string =>
    `${name}: ${dtype}[${shape}]`;
  return [
    ...graph.inputs.map((input) => `input ${typed(input)}`),
    ...graph.nodes.map((node) => `${node.results.map(typed).join(", ")} = ${describeNode(node)}`),
  ].join("\n");
}

function describeNode({ op, inputs, attributes }: GraphNode): string {
  const settings = Object.entries(attributes).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  );
  return `${op}(${[...inputs, ...settings].join(", ")})`;
}

async function allFinite(x: Tensor): Promise<boolean> {
  if (!isFloat(x.dtype)) return true;
  const values = toNumbers(await x.data(), x.dtype);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** @throws {NonFiniteError} One of the results is NaN or infinite; names the first operator that made it so. */
async function requireFinite(
  results: readonly Tensor[],
  inputs: readonly Tensor[],
  graph: Graph,
  device: Device,
  name: string,
): Promise<void> {
  const finite = await Promise.all(results.map(allFinite));
  if (finite.every(Boolean)) return;
  for (const result of results) result.dispose();
  const blame = await scope(async () => {
    for (const [i, input] of inputs.entries())
      if (!(await allFinite(input))) return `input ${i} (${input}) already is`;
    // Run again with every operator's result as an output; this happens once, on the way to an error.
    const outputs = graph.nodes.flatMap((node) =>
      node.results.filter((result) => result.name !== "" && isFloat(result.dtype)),
    );
    const session = await device.load({ ...graph, outputs });
    const all = await session.run(inputs);
    await session.release();
    for (const [i, output] of outputs.entries()) {
      if (await allFinite(all[i] as Tensor)) continue;
      const node = graph.nodes.find((n) => n.outputs.includes(output.name)) as GraphNode;
      const shapes = node.inputs.map((input) => shapeOf(graph, input));
      return `operator ${output.name} of inputs ${shapes.join(", ")} made the first in its result [${output.shape}]`;
    }
    return "no single operator could be named";
  });
  throw new NonFiniteError(
    `${name}: a result is NaN or infinite: ${blame}; look for log or division of 0, exp of large numbers, or a learning rate too high`,
  );
}

function shapeOf(graph: Graph, name: string): string {
  const values = [
    ...graph.inputs,
    ...graph.constants,
    ...graph.nodes.flatMap((node) => node.results),
  ];
  return `[${values.find((value) => value.name === name)?.shape ?? ""}]`;
}

/** The value of an expression over tensors with elements, run at once: for trying things and for tests. */
export async function evaluate<R>(expression: R, device: Device): Promise<R> {
  const run = compile(() => expression, { device, name: "evaluate" });
  try {
    return await run();
  } finally {
    await run.release();
  }
}
