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
  type OutputSpec,
  type Session,
} from "./device.js";
import { type DType, dtypes, type TypedArray } from "./dtype.js";
import { encodeOnnx, graphOf } from "./onnx.js";
import { type DeviceBuffer, sourceOf, Tensor } from "./tensor.js";

/** What differs between ONNX Runtime's packages. */
export interface Backend {
  readonly name: DeviceName;
  readonly ort: {
    readonly InferenceSession: InferenceSessionFactory;
    readonly Tensor: TensorConstructor;
  };
  readonly sessionOptions: InferenceSession.SessionOptions;
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
    async load(model, outputs, keepOnDevice) {
      if (closed) throw closedError();
      const session = await inTurn(() =>
        createSession(backend, model, outputs, keepOnDevice, device),
      );
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

async function createSession(
  backend: Backend,
  model: Uint8Array,
  outputs: readonly OutputSpec[],
  keepOnDevice: boolean,
  device: Device,
): Promise<Session> {
  const stays = keepOnDevice && backend.name === "webgpu";
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
        inputs.forEach((input, i) => {
          feeds[`input_${i}`] = feed(backend, input);
        });
        const results = await session.run(feeds).catch((cause: unknown) => {
          throw new DeviceError(`${backend.name}: the program failed: ${messageOf(cause)}`, {
            cause,
          });
        });
        return outputs.map((spec) =>
          received(backend, device, spec, results[spec.name] as OrtTensor),
        );
      }),
    release: () => inTurn(() => session.release()),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function feed(backend: Backend, tensor: Tensor): OrtTensor {
  const source = sourceOf(tensor, "run");
  if (source.kind === "device") {
    if (source.buffer.deviceName !== backend.name)
      throw new DeviceError(
        `run: ${tensor} is on ${source.buffer.deviceName}, the program on ${backend.name}; read it with data() and make a tensor of that`,
      );
    return source.buffer.handle as OrtTensor;
  }
  if (source.kind !== "host")
    throw new TypeError(`run: ${tensor} is part of a program; give a tensor with elements`);
  return new backend.ort.Tensor(tensor.dtype, source.data as Float32Array, tensor.shape);
}

function received(backend: Backend, device: Device, spec: OutputSpec, result: OrtTensor): Tensor {
  const { dtype, shape } = spec;
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
  const session = await device.load(encodeOnnx(graph), graph.outputs, false);
  try {
    const [copy] = await session.run([tensor]);
    const data = (copy as Tensor).dataSync();
    (copy as Tensor).dispose();
    return data;
  } finally {
    await session.release();
  }
}
