import { compile } from "./compile.js";
import type { Device } from "./device.js";
import { treeTensors } from "./tree.js";

/**
 * Copies of a tree's tensors on a device that keeps results (elsewhere on the host), to be fed to its programs without
 * crossing again.
 */
export const upload = <T>(tree: T, device: Device): Promise<T> => copy(tree, device, true);

/** Copies of a tree's tensors on the host, in one go. */
export const download = <T>(tree: T, device: Device): Promise<T> => copy(tree, device, false);

async function copy<T>(tree: T, device: Device, keepOnDevice: boolean): Promise<T> {
  if (treeTensors(tree).length === 0) return tree;
  const name = keepOnDevice ? "upload" : "download";
  const same = compile((tree: T) => tree, { device, keepOnDevice, name });
  try {
    return await same(tree);
  } finally {
    await same.release();
  }
}
