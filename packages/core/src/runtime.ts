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
  type LoadOptions,
  type Session,
} from "./device.js";
import { type DType, dtypes, type TypedArray } from "./dtype.js";
import {
  encodeOnnx,
  type Graph,
  type GraphConstant,
  type GraphValue,
  graphOf,
  isRead,
} from "./onnx.js";
import { sizeOf } from "./shape.js";
import { type DeviceBuffer, sourceOf, Tensor } from "./tensor.js";

/** What differs between ONNX Runtime's packages. */
export interface Backend {
  readonly name: DeviceName;
  readonly ort: {
    readonly InferenceSession: InferenceSessionFactory;
    readonly Tensor: TensorConstructor;
  };
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** How a model names a file of this machine to map weights from; undefined where it cannot. */
  readonly locate?: (path: string) => string | undefined;
  /** Whether a device tensor can be read by its own `getData()`: in Node that ends the process. */
  readonly readsDeviceTensors: boolean;
}

/** The number of each dtype in ONNX Runtime's tensors is the dtype's own name. */
type OrtFeeds = Record<string, OrtTensor>;

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

/** A device over one of ONNX Runtime's packages. */
export function createDevice(backend: Backend): Device {
  const sessions = new Set<Session>();
  let closed = false;
  const closedError = (): DeviceError =>
    new DeviceError(`${backend.name}: the device was closed; open it again`);
  const device: Device = {
    name: backend.name,
    async load(graph, options = {}) {
      if (closed) throw closedError();
      const complete = await readConstants(graph, backend);
      const session = await inTurn(() => createSession(backend, complete, options, device));
      sessions.add(session);
      return {
        run: (inputs) => (closed ? Promise.reject(closedError()) : session.run(inputs)),
        release: () => (sessions.delete(session) ? session.release() : Promise.resolve()),
      };
    },
    async close() {
      closed = true;
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
    const { data, dtype, shape } = constant;
    if (isRead(data)) return constant;
    const bytes = sizeOf(shape) * dtypes[dtype].array.BYTES_PER_ELEMENT;
    if (data.file && bytes >= mappedFromBytes && locate?.(data.file.path) !== undefined)
      return constant;
    return { ...constant, data: await data.tensor.data() };
  };
  return { ...graph, constants: await Promise.all(graph.constants.map(read)) };
}

async function createSession(
  backend: Backend,
  graph: Graph,
  { name = "program", keepOnDevice = false }: LoadOptions,
  device: Device,
): Promise<Session> {
  const stays = keepOnDevice && backend.name === "webgpu";
  const model = encodeOnnx(graph, name, (path) => backend.locate?.(path) ?? path);
  const session = await backend.ort.InferenceSession.create(model, {
    ...backend.sessionOptions,
    ...(stays ? { preferredOutputLocation: "gpu-buffer" } : {}),
  }).catch((cause: unknown) => {
    throw new DeviceError(
      `${backend.name}: ONNX Runtime refused the program: ${messageOf(cause)}`,
      { cause },
    );
  });
  return {
    run: (inputs) =>
      inTurn(async () => {
        const feeds: OrtFeeds = {};
        for (const [i, input] of inputs.entries()) feeds[`input_${i}`] = await feed(backend, input);
        const results = await session.run(feeds).catch((cause: unknown) => {
          throw new DeviceError(`${backend.name}: the program failed: ${messageOf(cause)}`, {
            cause,
          });
        });
        return graph.outputs.map((output) =>
          received(backend, device, output, results[output.name] as OrtTensor),
        );
      }),
    release: () => inTurn(() => session.release()),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
  backend: Backend,
  device: Device,
  { dtype, shape }: GraphValue,
  result: OrtTensor,
): Tensor {
  if (result.location === "gpu-buffer") {
    const buffer: DeviceBuffer = {
      handle: result,
      deviceName: backend.name,
      download: () =>
        backend.readsDeviceTensors
          ? inTurn(async () => plainArray(dtype, await result.getData()))
          : downloadByProgram(device, tensor),
      dispose: () => result.dispose(),
    };
    const tensor: Tensor = Tensor.track(new Tensor(dtype, shape, { kind: "device", buffer }));
    return tensor;
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
