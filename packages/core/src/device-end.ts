import type { Backend } from "./backend.js";
import type { DeviceError } from "./device.js";
import { lostError, runtimeError } from "./runtime-error.js";

/** A GPU that goes, or is full, breaks what is under way a moment before it says so. */
const newsMs = 100;

/** How long work may take to notice that its GPU is gone; ONNX Runtime is not left in its midst without need. */
const patienceMs = 5000;

/** What a GPU tells of itself, and what that means for work on it. */
export interface DeviceEnd {
  /** Why the device cannot be used any more, once that is so. */
  readonly error: DeviceError | undefined;
  set(error: DeviceError): void;
  /** Work on the device; fails by what the GPU tells, too: that it is gone, or that its memory is full. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** Work that is under way. */
interface Work {
  /** What the GPU told meanwhile. */
  told?: DeviceError;
  giveUp(error: DeviceError): void;
}

export function watchDevice({ name, gpu }: Pick<Backend, "name" | "gpu">): DeviceEnd {
  let end: DeviceError | undefined;
  /** Told after the work that it was about: what that left on the GPU is not to be relied on. */
  let belated: DeviceError | undefined;
  const underWay = new Set<Work>();

  gpu?.lost.then(({ message, reason }) => {
    const error = lostError(name, message.trim() || reason);
    end ??= error;
    for (const work of underWay) setTimeout(() => work.giveUp(error), patienceMs);
  });
  gpu?.addEventListener("uncapturederror", ({ error }) => {
    const words = `${error.constructor.name}: ${error.message}`;
    const told = runtimeError(name, "the GPU failed", new Error(words, { cause: error }));
    if (underWay.size === 0) belated ??= told;
    for (const work of underWay) work.told ??= told;
  });

  return {
    get error() {
      return end;
    },
    set(error) {
      end ??= error;
    },
    async during<T>(done: Promise<T>): Promise<T> {
      const work: Work = { giveUp: () => undefined, ...(belated ? { told: belated } : {}) };
      belated = undefined;
      underWay.add(work);
      try {
        // Not a race with `lost`, which may never settle: that would hold the results of all work.
        const result = await new Promise<T>((resolve, reject) => {
          work.giveUp = reject;
          done.then(resolve, reject);
        });
        if (work.told) throw work.told;
        return result;
      } catch (error) {
        if (gpu && !end) await new Promise((resolve) => setTimeout(resolve, newsMs));
        throw end ?? work.told ?? error;
      } finally {
        underWay.delete(work);
      }
    },
  };
}
