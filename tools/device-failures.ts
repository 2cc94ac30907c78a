/** What is used here of a browser's WebGPU. */
interface WebGpu {
  readonly GPUAdapter?: {
    readonly prototype: { requestDevice(...wanted: unknown[]): Promise<{ destroy(): void }> };
  };
}

/**
 * Opens something with a GPU that can be taken away. In browsers only: in Node, ONNX Runtime has its GPU to itself.
 *
 * @returns What was opened, and what loses the GPUs that it asked for.
 */
export async function losable<T>(
  open: () => Promise<T>,
): Promise<{ readonly opened: T; lose(): void }> {
  const prototype = (globalThis as WebGpu).GPUAdapter?.prototype;
  if (!prototype) throw new TypeError("losable: there is no WebGPU here");
  const gpus: { destroy(): void }[] = [];
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (...wanted) {
    const gpu = await requestDevice.apply(this, wanted);
    gpus.push(gpu);
    return gpu;
  };
  try {
    const opened = await open();
    return {
      opened,
      lose() {
        for (const gpu of gpus) gpu.destroy();
      },
    };
  } finally {
    prototype.requestDevice = requestDevice;
  }
}

/** Side of a square of float32 that no device of this name has memory for; nothing is taken by asking for it. */
export function sideTooLarge(device: string): number {
  if (device === "cpu") return 2 ** 23; // 256 TiB, more than a process can address.
  if (device === "wasm") return 2 ** 15 - 1; // All but a little of its 4 GiB.
  return 2 ** 14; // SwiftShader takes buffers of up to 1 GiB, and then has no memory for them.
}
