/**
 * The elements of a view with strides, copied to lie one behind the other.
 *
 * @param bytes From the view's first element to its last.
 * @param width Bytes of an element.
 * @param strides In elements.
 */
export function gather(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const size = shape.reduce((product, n) => product * n, 1);
  const result = new Uint8Array(size * width);
  // Copying whole elements needs them at multiples of their width.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const from = elementsOf(aligned, width);
  const to = elementsOf(result, width);
  const rowLength = shape.at(-1) ?? 1;
  const rowStride = strides.at(-1) ?? 1;
  const index = new Array<number>(Math.max(shape.length - 1, 0)).fill(0);
  let start = 0;
  for (let row = 0; row < size; row += rowLength) {
    for (let i = 0; i < rowLength; i++) to[row + i] = from[start + i * rowStride] as never;
    // The next row, counted like the digits of a number.
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      start += stride;
      if (index[axis] !== shape[axis]) break;
      start -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}

const unsigned = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array };

function elementsOf(
  { buffer, byteOffset, byteLength }: Uint8Array,
  width: number,
): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  const array = unsigned[width as keyof typeof unsigned];
  return new array(buffer as ArrayBuffer, byteOffset, byteLength / width);
}
