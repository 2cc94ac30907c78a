import { expect, test } from "vitest";
import {
  dtypeOf,
  fromFloat16Bits,
  isFloat,
  toFloat16Bits,
  toNumbers,
  typedArray,
} from "./dtype.js";

// From numpy 2.4.6: np.float16(np.float32(x)).view(np.uint16).
const numpy: readonly [number, number][] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [1 / 3, 0x3555],
  [Math.PI, 0x4248],
  [65504, 0x7bff],
  [65519, 0x7bff],
  [65520, 0x7c00],
  [1e6, 0x7c00],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.001, 0x0001],
  [3 * 2 ** -25, 0x0002],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -25, 0x0400],
  [6.1e-5, 0x03ff],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [-1e-9, 0x8000],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
];

test.each(numpy)("%d is rounded to half precision as numpy does", (value, bits) => {
  expect(toFloat16Bits(value)).toBe(bits);
});

test("every half-precision number survives the way to a number and back", () => {
  const all = Array.from({ length: 65536 }, (_, bits) => bits);
  const numbers = all.filter((bits) => !Number.isNaN(fromFloat16Bits(bits)));
  expect(numbers).toHaveLength(65536 - 2 * 1023);
  expect(numbers.filter((bits) => toFloat16Bits(fromFloat16Bits(bits)) !== bits)).toEqual([]);
});

test("NaN stays NaN in half precision", () => {
  expect(fromFloat16Bits(toFloat16Bits(Number.NaN))).toBeNaN();
});

test("only float32 and float16 are of floating point", () => {
  const dtypes = ["float32", "float16", "int64", "int32", "bool", "uint8", "int8"] as const;
  expect(dtypes.filter(isFloat)).toEqual(["float32", "float16"]);
});

test("a typed array says its dtype", () => {
  const arrays = [
    new Float32Array(1),
    new Uint16Array(1),
    new BigInt64Array(1),
    new Int32Array(1),
    new Uint8Array(1),
    new Int8Array(1),
  ];
  expect(arrays.map(dtypeOf)).toEqual(["float32", "float16", "int64", "int32", "uint8", "int8"]);
});

test("numbers are stored as each dtype does, and read back", () => {
  expect(typedArray("float16", 2, [1, -2])).toEqual(Uint16Array.of(0x3c00, 0xc000));
  expect(typedArray("int64", 2, [1.9, -1.9])).toEqual(BigInt64Array.of(1n, -1n));
  expect(typedArray("int32", 2, [1.9, -1.9])).toEqual(Int32Array.of(1, -1));
  expect([...Array.from(toNumbers(typedArray("float16", 2, [1, -2]), "float16"))]).toEqual([1, -2]);
  expect(Array.from(toNumbers(BigInt64Array.of(7n), "int64"))).toEqual([7]);
});

test("an array without values is zero", () => {
  expect(typedArray("int64", 2)).toEqual(BigInt64Array.of(0n, 0n));
});

test("every number but 0 is true", () => {
  expect(typedArray("bool", 3, [0, 2, 0.5])).toEqual(Uint8Array.of(0, 1, 1));
});
