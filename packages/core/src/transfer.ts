import { compile } from "./compile.js";
import type { Device } from "./device.js";
import type { Tensor } from "./tensor.js";
import { disposeTree, mapTree, treeTensors } from "./tree.js";

/**
 * Copies of a tree's tensors on a device that keeps results (elsewhere on the host), to be fed to its programs without
 * crossing again.
 */
export const upload = <T>(tree: T, device: Device): Promise<T> => copy(tree, device, true);

/** Copies of a tree's tensors on the host. */
export const download = <T>(tree: T, device: Device): Promise<T> => copy(tree, device, false);

/** Tensors that one program copies: their old and new elements are on the device at once. */
const tensorsOfProgram = 32;

async function copy<T>(tree: T, device: Device, keepOnDevice: boolean): Promise<T> {
  const tensors = treeTensors(tree);
  const name = keepOnDevice ? "upload" : "download";
  const same = compile((some: readonly Tensor[]) => some, { device, keepOnDevice, name });
  const copies: Tensor[] = [];
  try {
    for (let i = 0; i < tensors.length; i += tensorsOfProgram)
      copies.push(...(await same(tensors.slice(i, i + tensorsOfProgram))));
  } catch (error) {
    disposeTree(copies);
    throw error;
  } finally {
    await same.release();
  }
  return mapTree(tree, () => copies.shift());
}
