import type {
  InferenceSession,
  InferenceSessionFactory,
  TensorConstructor,
} from "onnxruntime-common";
import type { Device, DeviceError, DeviceName, DeviceOptions } from "./device.js";
import type { DeviceLimits } from "./limits.js";

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

/** What the parts of a device share. */
export interface Opened {
  readonly backend: Backend;
  readonly device: Device;
  readonly options: Pick<DeviceOptions, "onFallback">;
  readonly traffic: { up: number; down: number };
  /** Ends the run that is under way when the device is lost. */
  readonly current: { fail: ((error: DeviceError) => void) | undefined };
}
