import type {
  InferenceSession,
  InferenceSessionFactory,
  TensorConstructor,
} from "onnxruntime-common";
import type { Device, DeviceName, DeviceOptions } from "./device.js";
import type { DeviceEnd } from "./device-end.js";
import type { DeviceLimits } from "./limits.js";

/** What is used here of a `GPUDevice`. */
export interface Gpu {
  readonly lost: Promise<{ readonly message: string; readonly reason: string }>;
  destroy(): void;
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
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
  /** The device's own GPU, where ONNX Runtime takes one (browsers). */
  readonly gpu?: Gpu;
  /** How a model names a file of this machine to map weights from; undefined where it cannot. */
  readonly locate?: (path: string) => string | undefined;
  /** Whether a device tensor can be read by its own `getData()`: in Node that ends the process. */
  readonly readsDeviceTensors: boolean;
}

/** What the parts of a device share. */
export interface Opened {
  readonly backend: Backend;
  readonly device: Device;
  readonly options: Pick<DeviceOptions, "onFallback">;
  readonly traffic: { up: number; down: number };
  readonly end: DeviceEnd;
}
