import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import type { Opened } from "./backend.js";
import { DeviceError, type LoadOptions, type Session } from "./device.js";
import type { TypedArray } from "./dtype.js";
import { fallbackMessage, isFallbackRefusal, missingOperators } from "./fallback.js";
import { encodeOnnx, type Graph } from "./onnx.js";
import { feed, received } from "./ort-tensors.js";
import { inTurn } from "./run-queue.js";
import { runtimeError } from "./runtime-error.js";
import type { Tensor } from "./tensor.js";
import { bytesOf } from "./traffic.js";

type OrtTensors = Record<string, OrtTensor>;
type OrtOptions = InferenceSession.SessionOptions;

/** A graph that is ready to be run. */
export async function createSession(
  opened: Opened,
  graph: Graph,
  options: LoadOptions,
): Promise<Session> {
  const { backend, traffic, end } = opened;
  const { outputs } = graph; // What is below lives as long as the session: the graph, with all constants, need not.
  const session = await loadProgram(opened, graph, options).catch((cause: unknown) => {
    if (cause instanceof DeviceError) throw cause;
    throw runtimeError(backend.name, "ONNX Runtime refused the program", cause);
  });
  // The memory of results belongs to their session: released before them, it takes the process with it.
  let kept = 0;
  let isReleased = false;
  const free = (): Promise<void> => inTurn(() => session.release());
  const onDispose = (): void => {
    if (--kept === 0 && isReleased) void free().catch(() => undefined); // Nobody waits for it.
  };
  return {
    async run(inputs) {
      // Before its turn: where elements come from, a program may have to run first.
      const read = new Map<Tensor, TypedArray>();
      for (const input of inputs) if (input.place === "stored") read.set(input, await input.data());
      return inTurn(async () => {
        const feeds: OrtTensors = {};
        for (const [i, input] of inputs.entries()) {
          feeds[`input_${i}`] = feed(backend, input, read.get(input));
          if (input.place !== "device") traffic.up += bytesOf(input);
        }
        if (end.error) throw end.error; // While it waited for its turn.
        const ran = session.run(feeds).catch((cause: unknown) => {
          throw runtimeError(backend.name, "the program failed", cause);
        });
        const results: OrtTensors = await end.during(ran).catch((error: unknown) => {
          // Not waited for: on a GPU that is gone it may never end, and all other runs come after this one.
          void ran.then(disposeAll, () => undefined);
          throw error;
        });
        return outputs.map((output) => {
          const tensor = received(opened, output, results[output.name] as OrtTensor, onDispose);
          if (tensor.place === "device") kept++;
          else traffic.down += bytesOf(tensor);
          return tensor;
        });
      });
    },
    async release() {
      isReleased = true;
      if (kept === 0) await free();
    },
  };
}

function disposeAll(results: OrtTensors): void {
  for (const result of Object.values(results)) result.dispose();
}

/** ONNX Runtime's session of a graph, with operators on the CPU only if somebody hears of it. */
async function loadProgram(
  { backend, device, options }: Opened,
  graph: Graph,
  { name = "program", keepOnDevice = false, anyLength = false }: LoadOptions,
): Promise<InferenceSession> {
  const locate = (path: string): string => backend.locate?.(path) ?? path;
  const create = (graph: Graph, extra: OrtOptions = {}): Promise<InferenceSession> =>
    backend.ort.InferenceSession.create(
      encodeOnnx(graph, name, { locate, anyLength }),
      merged(backend.sessionOptions, extra),
    );
  const stays = graph.outputs.map(
    (_, i) =>
      device.keepsResults &&
      (Array.isArray(keepOnDevice) ? keepOnDevice[i] : keepOnDevice) === true,
  );
  const places = Object.fromEntries(
    graph.outputs.map((output, i) => [output.name, stays[i] ? "gpu-buffer" : "cpu"] as const),
  );
  const wanted = stays.includes(true) ? { preferredOutputLocation: places } : {};
  if (!backend.mayFallBack) return create(graph, wanted);

  const strict = { extra: { session: { disable_cpu_ep_fallback: "1" } } };
  try {
    return await create(graph, { ...wanted, ...strict });
  } catch (error) {
    if (!isFallbackRefusal(error)) throw error;
  }
  const operators = await missingOperators(graph, async (one) => {
    try {
      await (await create(one, strict)).release();
      return true;
    } catch {
      return false;
    }
  });
  const message = fallbackMessage(backend.name, name, operators);
  if (!options.onFallback)
    throw new DeviceError(
      `${message}; take another device, or give openDevice onFallback to let them run on the CPU, slowly`,
      { reason: "operators" },
    );
  options.onFallback({ program: name, operators, message });
  return create(graph, wanted);
}

/** Options with those of `extra.session` put together. */
function merged(options: OrtOptions, { extra, ...more }: OrtOptions): OrtOptions {
  const session = { ...sessionEntries(options), ...sessionEntries({ extra: extra ?? {} }) };
  return { ...options, ...more, extra: { ...options.extra, session } };
}

function sessionEntries({ extra }: OrtOptions): Record<string, unknown> {
  return (extra?.session ?? {}) as Record<string, unknown>;
}
