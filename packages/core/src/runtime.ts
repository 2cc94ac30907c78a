import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OrtTensor,
  TensorConstructor,
} from "onnxruntime-common";
import {
  type Device,
  DeviceError,
  type DeviceName,
  type DeviceOptions,
  type LoadOptions,
  type Session,
} from "./device.js";
import { type DType, dtypes, type TypedArray } from "./dtype.js";
import { fallbackMessage, isFallbackRefusal, missingOperators } from "./fallback.js";
import { type DeviceLimits, requireFits, smallerLimits } from "./limits.js";
import {
  encodeOnnx,
  type Graph,
  type GraphConstant,
  type GraphValue,
  graphOf,
  isRead,
} from "./onnx.js";
import { lostError, runtimeError } from "./runtime-error.js";
import { splitConstants } from "./split-constants.js";
import { type DeviceBuffer, sourceOf, Tensor } from "./tensor.js";
import { bytesOf } from "./traffic.js";

/** What is used here of a `GPUDevice`. */
export interface Gpu {
  readonly lost: Promise<{ readonly message: string; readonly reason: string }>;
}

/** What differs between ONNX Runtime's packages. */
export interface Backend {
  readonly name: DeviceName;
  readonly ort: {
    readonly InferenceSession: InferenceSessionFactory;
    readonly Tensor: TensorConstructor;
  };
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** What the device tells of itself. */
  readonly limits: DeviceLimits;
  /** Whether ONNX Runtime is asked to take operators that the device lacks to the CPU. */
  readonly mayFallBack: boolean;
  /** The GPU of the program that was loaded last. */
  readonly gpu?: () => Promise<Gpu | undefined>;
  /** How a model names a file of this machine to map weights from; undefined where it cannot. */
  readonly locate?: (path: string) => string | undefined;
  /** Whether a device tensor can be read by its own `getData()`: in Node that ends the process. */
  readonly readsDeviceTensors: boolean;
}

/** The number of each dtype in ONNX Runtime's tensors is the dtype's own name. */
type OrtTensors = Record<string, OrtTensor>;

/**
 * Runs sessions one after another. Two at once crash ONNX Runtime in browsers, and in Node gain
 * nothing: a run holds the thread.
 */
let lastRun: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = lastRun.then(work, work);
  lastRun = mine.catch(() => undefined);
  return mine;
}

/** What the parts of a device share. */
interface Opened {
  readonly backend: Backend;
  readonly device: Device;
  readonly options: Pick<DeviceOptions, "onFallback">;
  readonly traffic: { up: number; down: number };
  /** Ends the run that is under way when the device is lost. */
  readonly current: { fail: ((error: DeviceError) => void) | undefined };
}

/** A device over one of ONNX Runtime's packages. */
export function createDevice(
  backend: Backend,
  options: Pick<DeviceOptions, "limits" | "onFallback"> = {},
): Device {
  const sessions = new Set<Session>();
  let end: DeviceError | undefined;
  const traffic = { up: 0, down: 0 };
  const limits = smallerLimits(backend.limits, options.limits);
  const current: Opened["current"] = { fail: undefined };
  const gpus = new Map<Session, Gpu>();
  const watched = new WeakSet<Gpu>();

  /** ONNX Runtime itself lets go of the GPU with its last session, and takes it anew: that is no loss. */
  async function watch(session: Session): Promise<void> {
    const gpu = await backend.gpu?.();
    if (!gpu) return;
    gpus.set(session, gpu);
    if (watched.has(gpu)) return;
    watched.add(gpu);
    gpu.lost.then(({ message, reason }) => {
      if (![...gpus.values()].includes(gpu)) return;
      end ??= lostError(backend.name, message || reason);
      current.fail?.(end);
    });
  }

  const device: Device = {
    name: backend.name,
    keepsResults: backend.name === "webgpu",
    limits,
    traffic,
    async load(graph, load = {}) {
      if (end) throw end;
      const read = await readConstants(graph, backend);
      const fitting = splitConstants(read, limits.tensorBytes ?? Number.POSITIVE_INFINITY);
      requireFits(fitting, limits, { device: backend.name, program: load.name ?? "program" });
      const opened = { backend, device, options, traffic, current };
      const session = await inTurn(() => createSession(opened, fitting, load));
      await watch(session);
      for (const constant of fitting.constants)
        if (isRead(constant.data)) traffic.up += bytesOf(constant);
      sessions.add(session);
      return {
        run: (inputs) => (end ? Promise.reject(end) : session.run(inputs)),
        async release() {
          gpus.delete(session);
          if (sessions.delete(session)) await session.release();
        },
      };
    },
    async close() {
      end ??= new DeviceError(`${backend.name}: the device was closed; open it again`, {
        reason: "closed",
      });
      gpus.clear();
      await Promise.all([...sessions].map((session) => session.release()));
      sessions.clear();
    },
  };
  return device;
}

/** Small constants are read: mapping gains nothing, and operators need the values of shapes and axes. */
const mappedFromBytes = 1024;

/** The graph with the elements of all constants that cannot be mapped from their files. */
async function readConstants(graph: Graph, { locate }: Backend): Promise<Graph> {
  const read = async (constant: GraphConstant): Promise<GraphConstant> => {
    const { data } = constant;
    if (isRead(data)) return constant;
    if (data.file && bytesOf(constant) >= mappedFromBytes && locate?.(data.file.path) !== undefined)
      return constant;
    return { ...constant, data: await data.tensor.data() };
  };
  return { ...graph, constants: await Promise.all(graph.constants.map(read)) };
}

async function createSession(
  opened: Opened,
  graph: Graph,
  { name = "program", keepOnDevice = false, anyLength = false }: LoadOptions,
): Promise<Session> {
  const { backend, device, options, traffic, current } = opened;
  const stays = graph.outputs.map(
    (_, i) =>
      device.keepsResults &&
      (Array.isArray(keepOnDevice) ? keepOnDevice[i] : keepOnDevice) === true,
  );
  const locate = (path: string): string => backend.locate?.(path) ?? path;
  const create = (graph: Graph, extra: SessionOptions = {}): Promise<InferenceSession> =>
    backend.ort.InferenceSession.create(encodeOnnx(graph, name, { locate, anyLength }), {
      ...merged(backend.sessionOptions, extra),
    });
  const places = Object.fromEntries(
    graph.outputs.map((output, i) => [output.name, stays[i] ? "gpu-buffer" : "cpu"] as const),
  );
  const wanted = stays.includes(true) ? { preferredOutputLocation: places } : {};

  /** The session, unless operators would run elsewhere. */
  async function createWhole(): Promise<InferenceSession> {
    if (!backend.mayFallBack) return create(graph, wanted);
    const strict = { extra: { session: { disable_cpu_ep_fallback: "1" } } };
    try {
      return await create(graph, { ...wanted, ...strict });
    } catch (error) {
      if (!isFallbackRefusal(error)) throw error;
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
  }

  const session = await createWhole().catch((cause: unknown) => {
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
    run: (inputs) =>
      inTurn(async () => {
        const feeds: OrtTensors = {};
        for (const [i, input] of inputs.entries()) {
          feeds[`input_${i}`] = await feed(backend, input);
          if (input.place !== "device") traffic.up += bytesOf(input);
        }
        // Not a race with a promise that never settles: that one would hold the results of all runs.
        const ran = new Promise<OrtTensors>((resolve, reject) => {
          current.fail = reject;
          session.run(feeds).then((results) => resolve(results as OrtTensors), reject);
        });
        const results = await ran
          .catch((cause: unknown) => {
            if (cause instanceof DeviceError) throw cause;
            throw runtimeError(backend.name, "the program failed", cause);
          })
          .finally(() => {
            current.fail = undefined;
          });
        return graph.outputs.map((output) => {
          const tensor = received(opened, output, results[output.name] as OrtTensor, onDispose);
          if (tensor.place === "device") kept++;
          else traffic.down += bytesOf(tensor);
          return tensor;
        });
      }),
    async release() {
      isReleased = true;
      if (kept === 0) await free();
    },
  };
}

type SessionOptions = InferenceSession.SessionOptions;

/** Options with those of `extra.session` put together. */
function merged(options: SessionOptions, { extra, ...more }: SessionOptions): SessionOptions {
  const session = { ...sessionEntries(options), ...sessionEntries({ extra: extra ?? {} }) };
  return { ...options, ...more, extra: { ...options.extra, session } };
}

function sessionEntries({ extra }: SessionOptions): Record<string, unknown> {
  return (extra?.session ?? {}) as Record<string, unknown>;
}

async function feed(backend: Backend, tensor: Tensor): Promise<OrtTensor> {
  const source = sourceOf(tensor, "run");
  if (source.kind === "device") {
    if (source.buffer.deviceName !== backend.name)
      throw new DeviceError(
        `run: ${tensor} is on ${source.buffer.deviceName}, the program on ${backend.name}; read it with data() and make a tensor of that`,
      );
    return source.buffer.handle as OrtTensor;
  }
  if (source.kind !== "host" && source.kind !== "stored")
    throw new TypeError(`run: ${tensor} is part of a program; give a tensor with elements`);
  const data = (await tensor.data()) as Float32Array; // Stands for all typed arrays.
  return new backend.ort.Tensor(tensor.dtype, data, tensor.shape);
}

function received(
  { backend, device, traffic }: Opened,
  { dtype }: GraphValue,
  result: OrtTensor,
  onDispose: () => void,
): Tensor {
  const shape = result.dims;
  if (result.location === "gpu-buffer") {
    const buffer: DeviceBuffer = {
      handle: result,
      deviceName: backend.name,
      download: () =>
        backend.readsDeviceTensors
          ? inTurn(async () => plainArray(dtype, await result.getData())).then((data) => {
              traffic.down += data.byteLength;
              return data;
            })
          : downloadByProgram(device, new Tensor(dtype, shape, { kind: "device", buffer })),
      dispose() {
        result.dispose();
        onDispose();
      },
    };
    return Tensor.track(new Tensor(dtype, shape, { kind: "device", buffer }));
  }
  return Tensor.track(
    new Tensor(dtype, shape, { kind: "host", data: plainArray(dtype, result.data) }),
  );
}

/** ONNX Runtime's array as ours: newer engines give float16 as a Float16Array, we hold its bits. */
function plainArray(dtype: DType, data: OrtTensor.DataType): TypedArray {
  const { array } = dtypes[dtype];
  if (data instanceof array) return data;
  if (!ArrayBuffer.isView(data)) throw new TypeError(`run: unexpected data for ${dtype}`);
  return new array(
    data.buffer as ArrayBuffer,
    data.byteOffset,
    data.byteLength / array.BYTES_PER_ELEMENT,
  );
}

/** Reads a device tensor by running a program that only copies it. */
async function downloadByProgram(device: Device, tensor: Tensor): Promise<TypedArray> {
  const input = new Tensor(tensor.dtype, tensor.shape, { kind: "input", name: "input_0" });
  const graph = graphOf([input], [input]);
  const session = await device.load(graph);
  try {
    const [copy] = await session.run([tensor]);
    const data = (copy as Tensor).dataSync();
    (copy as Tensor).dispose();
    return data;
  } finally {
    await session.release();
  }
}
