import { requireFinite } from "./check-finite.js";
import { describeGraph } from "./describe-graph.js";
import type { Device, Session } from "./device.js";
import { encodeOnnx, type Graph, graphOf } from "./onnx.js";
import { SharedSessions } from "./shared-sessions.js";
import { sourceOf, Tensor } from "./tensor.js";
import { mapTree, treeTensors } from "./tree.js";

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
  readonly session: Session;
  /** The function's result, to be filled. */
  readonly form: unknown;
  /** Only where results are checked: it holds constants that were read. */
  readonly graph: Graph | undefined;
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
    const { graph, form, paths } = trace(fn, args, name);
    const stays = typeof keepOnDevice === "function" ? paths.map(keepOnDevice) : keepOnDevice;
    const session = anyLength
      ? await shared.load(graph, stays)
      : await device.load(graph, { name, keepOnDevice: stays });
    return { session, form, graph: checkFinite ? graph : undefined };
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
      const { session, form, graph } = await program.loading;
      const results = await session.run(inputs);
      if (graph) await requireFinite(results, inputs, graph, device, name);
      return fill(form, results) as R;
    } finally {
      program.runs--;
      if (program.isEvicted && program.runs === 0) await (await program.loading).session.release();
    }
  }

  return Object.defineProperty(
    Object.assign(run, {
      program(...args: A): Program {
        const { graph } = trace(fn, args, name);
        return { graph, onnx: encodeOnnx(graph, name), toString: () => describeGraph(graph) };
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

/** The value of an expression over tensors with elements, run at once: for trying things and for tests. */
export async function evaluate<R>(expression: R, device: Device): Promise<R> {
  const run = compile(() => expression, { device, name: "evaluate" });
  try {
    return await run();
  } finally {
    await run.release();
  }
}
