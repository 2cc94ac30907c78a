import type { Tensor, TypedArray } from "@hawksbill/core";
import { CheckpointError } from "./checkpoint-error.js";
import { lengthBytes, longestHeaderBytes } from "./safetensors-header.js";
import { storedDTypes, writtenAs } from "./stored-dtypes.js";

/** Where everything goes in a file to be written. */
interface Layout {
  /** The length and the JSON. */
  readonly header: Uint8Array;
  /** In the order of their bytes, which follow the header without gaps. */
  readonly tensors: readonly Tensor[];
  readonly fileBytes: number;
}

/**
 * A checkpoint as the bytes of a safetensors file, which every other reader of the format takes.
 *
 * @param tensors On the host, by name; the header keeps their order.
 * @param metadata Anything to know about them, as strings.
 * @throws {CheckpointError} A tensor is called `__metadata__`, or metadata has a value that is not a string.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const layout = layOut(tensors, metadata, "encodeSafetensors");
  const bytes = new Uint8Array(layout.fileBytes);
  bytes.set(layout.header);
  let position = layout.header.length;
  for (const tensor of layout.tensors) {
    const data = bytesOf(tensor.dataSync());
    bytes.set(data, position);
    position += data.length;
  }
  return bytes;
}

/** The elements' bytes, not copied. */
export function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Decides a file's header and the order of its data: wide elements first, so that all are aligned. */
export function layOut(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
  file: string,
): Layout {
  if (Object.hasOwn(tensors, "__metadata__"))
    throw new CheckpointError(file, "is a name the format keeps for itself; rename the tensor", {
      tensor: "__metadata__",
    });
  const notText = Object.entries(metadata).find(([, value]) => typeof value !== "string");
  if (notText)
    throw new CheckpointError(
      file,
      `metadata "${notText[0]}" is ${typeof notText[1]}; give a string, e.g. by JSON.stringify`,
    );

  const stored = Object.entries(tensors).map(([name, tensor]) => {
    const dtype = writtenAs[tensor.dtype];
    return { name, tensor, dtype, width: storedDTypes[dtype].bytesPerElement };
  });
  const inFileOrder = stored.toSorted((a, b) => b.width - a.width);
  const offsets = new Map<string, [begin: number, end: number]>();
  let dataBytes = 0;
  for (const { name, tensor, width } of inFileOrder) {
    const begin = dataBytes;
    dataBytes += tensor.size * width;
    offsets.set(name, [begin, dataBytes]);
  }
  const entries = stored.map(({ name, tensor, dtype }) => [
    name,
    { dtype, shape: tensor.shape, data_offsets: offsets.get(name) },
  ]);
  const about = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const json = JSON.stringify(Object.fromEntries([...about, ...entries]));
  const header = withLength(json, file);
  const inOrder = inFileOrder.map(({ tensor }) => tensor);
  return { header, tensors: inOrder, fileBytes: header.length + dataBytes };
}

/** The JSON behind its length, with spaces at its end so that the data begins at a multiple of 8. */
function withLength(json: string, file: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > longestHeaderBytes)
    throw new CheckpointError(
      file,
      `would have a header of ${length} bytes, over the limit of ${longestHeaderBytes}; give less metadata`,
    );
  const header = new Uint8Array(lengthBytes + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, lengthBytes);
  return header;
}
