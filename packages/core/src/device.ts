import type { Graph } from "./onnx.js";
import type { Tensor } from "./tensor.js";

/** Where programs run: Node has `cpu` and `webgpu`, browsers have `wasm` and `webgpu`. */
export type DeviceName = "cpu" | "webgpu" | "wasm";

/** A device is not there, could not be opened, or failed at its work; `cause` holds its own words. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

export interface DeviceOptions {
  /** Threads for one operator; default as many as ONNX Runtime thinks right. Not for webgpu. */
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
  /** Folder or address of ONNX Runtime's .wasm files (browsers); default beside its script. */
  readonly wasmPaths?: string;
}

/** An opened device. */
export interface Device {
  readonly name: DeviceName;
  /** Prepares a program to be run. */
  load(graph: Graph, options?: LoadOptions): Promise<Session>;
  /** Frees all programs; the device cannot be used afterwards. */
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Shown in errors and in the ONNX model. */
  readonly name?: string;
  /** Leave results on the device; default false. */
  readonly keepOnDevice?: boolean;
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
  /** The device that "auto" means. */
  preferred(): Promise<DeviceName>;
  open(name: DeviceName, options: DeviceOptions): Promise<Device>;
}
