import type { DeviceLimits } from "./limits.js";
import type { Graph } from "./onnx.js";
import type { Tensor } from "./tensor.js";
import type { Traffic } from "./traffic.js";

/**
 * Where programs run. Browsers have `wasm` and `webgpu`; Node has `cpu` and, by platform, `webgpu`, `cuda` (Linux),
 * `dml` (DirectML, Windows) and `coreml` (macOS).
 */
export type DeviceName = "cpu" | "webgpu" | "wasm" | "cuda" | "dml" | "coreml";

/** What went wrong. */
export type DeviceErrorReason =
  /** The device is not there, or does not work. */
  | "unavailable"
  /** It was closed before. */
  | "closed"
  /** It is gone: open it anew. */
  | "lost"
  /** Its memory is full. */
  | "memory"
  /** A program needs more than its limits allow. */
  | "limit"
  /** A program needs operators that it lacks. */
  | "operators"
  /** A program failed otherwise. */
  | "failed";

/** A device is not there, could not be opened, or failed at its work; `cause` holds its own words. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly reason: DeviceErrorReason;

  constructor(message: string, options: ErrorOptions & { reason?: DeviceErrorReason } = {}) {
    super(message, options);
    this.reason = options.reason ?? "failed";
  }
}

export interface DeviceOptions {
  /**
   * Threads for one operator; default as many as ONNX Runtime thinks right. Not for webgpu. In browsers the first device
   * of a name decides for the whole page or worker: ONNX Runtime starts its threads once.
   */
  readonly threads?: number;
  /**
   * Rearrange matrices for speed as a program is loaded (cpu). Without it, weights mapped from a file need no memory
   * of their own, and a program opens at once but runs slower. Default true.
   */
  readonly prepack?: boolean;
  /**
   * Keep freed memory for the next run (cpu). Faster; without it, training with large activations
   * needs about half the memory. Default true.
   */
  readonly arena?: boolean;
  /**
   * Folder or address of ONNX Runtime's .wasm files (browsers); default beside its script. Of several
   * devices of a name, too, the first one's counts.
   */
  readonly wasmPaths?: string;
  /**
   * What the larger products of float32 matrices are computed in; default float32. With "float16" operands are rounded,
   * and long sums taken in parts that are added up in float32: the error is about that of bfloat16. Meant for GPUs that
   * have it (`supportsFloat16`); a CPU gains nothing.
   */
  readonly products?: "float32" | "float16";
  /** Which of several GPUs, counted from 0 (cuda, dml). */
  readonly deviceId?: number;
  /** Bounds below those of the device, or in place of those that it does not tell (Node's webgpu). */
  readonly limits?: DeviceLimits;
  /**
   * Hears of operators that the device lacks and that therefore run on the CPU, once a program. Default: such programs
   * are refused, because every such operator waits for the device and moves its operands.
   */
  readonly onFallback?: (fallback: Fallback) => void;
}

/** Operators of a program that run on the CPU. */
export interface Fallback {
  readonly program: string;
  /** ONNX's names, each once. */
  readonly operators: readonly string[];
  /** The same as a sentence to be shown. */
  readonly message: string;
}

/** An opened device. */
export interface Device {
  readonly name: DeviceName;
  /** Why it was taken, where "auto" chose it. */
  readonly chosenBecause?: string;
  /** Whether results can stay on it, to be fed to the next program (webgpu). */
  readonly keepsResults: boolean;
  readonly limits: DeviceLimits;
  /** What has crossed between host and device since it was opened. */
  readonly traffic: Traffic;
  /** Prepares a program to be run. */
  load(graph: Graph, options?: LoadOptions): Promise<Session>;
  /** Frees all programs; the device cannot be used afterwards. */
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Shown in errors and in the ONNX model. */
  readonly name?: string;
  /** Leave results on the device: all, or for each output whether; default false. */
  readonly keepOnDevice?: boolean | readonly boolean[];
  /** Take inputs of other lengths than the graph's, too; default false. */
  readonly anyLength?: boolean;
}

/** A loaded program. */
export interface Session {
  /** Runs it with one tensor an input, in order; gives one an output. */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>;
  release(): Promise<void>;
}

/** What the runtime of this platform offers; implemented for Node and for browsers. */
export interface Platform {
  readonly devices: readonly DeviceName[];
  /** Those that "auto" may mean, the one that is taken on a tie first. */
  readonly automatic: readonly DeviceName[];
  open(name: DeviceName, options: DeviceOptions): Promise<Device>;
}
