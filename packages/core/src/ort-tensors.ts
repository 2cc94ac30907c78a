import type { Tensor as OrtTensor } from "onnxruntime-common";
import type { Backend, Opened } from "./backend.js";
import { type Device, DeviceError, type DeviceName } from "./device.js";
import { type DType, dtypes, type TypedArray } from "./dtype.js";
import { type GraphValue, graphOf } from "./onnx.js";
import { inTurn } from "./run-queue.js";
import { runtimeError } from "./runtime-error.js";
import { type DeviceBuffer, sourceOf, Tensor } from "./tensor.js";

/**
 * A program's input as ONNX Runtime takes it; what is on the device stays there.
 *
 * @param read The elements of one that was stored.
 */
export function feed(backend: Backend, tensor: Tensor, read: TypedArray | undefined): OrtTensor {
  const source = sourceOf(tensor, "run");
  if (source.kind === "device") {
    const { home, deviceName } = source.buffer;
    if (home !== homeOf(backend))
      throw new DeviceError(
        `run: ${tensor} is on ${deviceName}, the program on ${deviceName === backend.name ? "another" : backend.name}; read it with data() and make a tensor of that`,
      );
    return source.buffer.handle as OrtTensor;
  }
  const elements = source.kind === "host" ? source.data : read;
  if (!elements)
    throw new TypeError(`run: ${tensor} is part of a program; give a tensor with elements`);
  const data = elements as Float32Array; // Stands for all typed arrays.
  return new backend.ort.Tensor(tensor.dtype, data, tensor.shape);
}

/** Devices between which tensors can be handed: those with one GPU, and in Node, where ONNX Runtime has one, all of a name. */
function homeOf({ gpu, name }: Backend): unknown {
  return gpu ?? name;
}

/**
 * A program's output as a tensor.
 *
 * @param onDispose Called when one that stayed on the device is disposed of.
 */
export function received(
  { backend, device, traffic, end }: Opened,
  { dtype }: GraphValue,
  result: OrtTensor,
  onDispose: () => void,
): Tensor {
  const shape = result.dims;
  if (result.location === "gpu-buffer") {
    const buffer: DeviceBuffer = {
      handle: result,
      deviceName: backend.name,
      home: homeOf(backend),
      download: () =>
        backend.readsDeviceTensors
          ? inTurn(async () => {
              if (end.error) throw end.error; // While it waited for its turn.
              const data = plainArray(dtype, await end.during(read(result, backend.name)));
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

function read(result: OrtTensor, device: DeviceName): Promise<OrtTensor.DataType> {
  return result.getData().catch((cause: unknown) => {
    throw runtimeError(device, "a tensor could not be read", cause);
  });
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
