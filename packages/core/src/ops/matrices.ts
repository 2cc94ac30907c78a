import { literal } from "../create-tensor.js";
import { operator } from "../graph.js";
import { withProduct } from "../own-product.js";
import type { Int8Matrix } from "../quantize.js";
import type { BlockMatrix } from "../quantize-blocks.js";
import { lengthOf, ShapeError, sameShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { abs, add, cast, div, floor, mul, sub } from "./arithmetic.js";
import { reshape, slice, stack, transpose, unsqueeze } from "./layout.js";
import { matmul } from "./products.js";
import { max } from "./reductions.js";
import { withGradient } from "./rewire.js";

/**
 * A matrix plus a product of two narrow ones: matrix + scale · up · down. `matmul` and `linear` multiply by the three
 * one after another, so that neither the sum nor a gradient of its size is ever made.
 *
 * @param matrix [rows, columns]. @param up [rows, rank]. @param down [rank, columns].
 * @see Hu et al., "LoRA: low-rank adaptation of large language models", 2021
 */
export function lowRankUpdate(matrix: Tensor, up: Tensor, down: Tensor, scale = 1): Tensor {
  const [rows = 0, rank = 0] = up.shape;
  const columns = lengthOf(down.shape, -1);
  if (!sameShape(matrix.shape, [rows, columns]) || !sameShape(down.shape, [rank, columns]))
    throw new ShapeError(
      `lowRankUpdate: [${matrix.shape}] cannot take [${up.shape}] · [${down.shape}]; give [rows, rank] and [rank, columns]`,
    );
  return withProduct(add(matrix, mul(matmul(up, down), scale)), (x, transposed) => {
    const options = { transposeB: transposed };
    const [first, second] = transposed ? [down, up] : [up, down];
    const narrow = mul(matmul(x, first, options), scale);
    return add(matmul(x, matrix, options), matmul(narrow, second, options));
  });
}

/**
 * The matrix that an `Int8Matrix` stands for, frozen. `matmul` and `linear` multiply in 8 bits, with each row of the
 * other operand rounded to 8 bits too, in both directions of a gradient.
 *
 * @returns [rows, columns].
 */
export function int8Matrix(matrix: Int8Matrix): Tensor {
  const { values, scales, transposedValues, transposedScales } = matrix;
  const straight = (x: Tensor): Tensor => int8Product(x, values, scales);
  const turned = (x: Tensor): Tensor => {
    if (transposedValues && transposedScales)
      return int8Product(x, transposedValues, transposedScales);
    throw new TypeError(
      "int8Matrix: a product with the transpose, or a gradient, needs it rounded, too; quantize with transposed: true",
    );
  };
  return withProduct(mul(cast(values, scales.dtype), scales), (x, transposed) => {
    const [forwards, backwards] = transposed ? [turned, straight] : [straight, turned];
    return withGradient(forwards(x), [x], (dy) => [backwards(dy)]);
  });
}

/**
 * The matrix that a `BlockMatrix` stands for, frozen. `matmul` multiplies by it in one operator, which GPUs have, too.
 *
 * @param options.roundRows Whether a device may round the other operand to 8 bits: faster on CPUs, which otherwise unpack
 *   the whole matrix each time. Default false.
 * @returns [rows, columns].
 */
export function blockMatrix(
  matrix: BlockMatrix,
  { roundRows = false }: { readonly roundRows?: boolean } = {},
): Tensor {
  const { bits, rows, values, scales } = matrix;
  const columns = lengthOf(values.shape, 0);
  const attributes = {
    K: rows,
    N: columns,
    bits,
    block_size: (lengthOf(values.shape, 2) * 8) / bits,
    accuracy_level: roundRows ? 4 : 0,
  };
  const elements = elementsOf(matrix);
  return withProduct(cast(transpose(elements), scales.dtype), (given, transposed) => {
    if (transposed) return matmul(given, cast(elements, given.dtype));
    const x = cast(given, "float32");
    const shape = [...x.shape.slice(0, -1), columns];
    const y = operator(
      "MatMulNBits",
      [x, values, cast(scales, "float32")],
      attributes,
      "float32",
      shape,
    );
    return cast(
      withGradient(y, [x], (dy) => [matmul(dy, elements)]),
      given.dtype,
    );
  });
}

/** The transpose in float32, [columns, rows]. */
function elementsOf({ bits, rows, values, scales }: BlockMatrix): Tensor {
  const bytes = cast(values, "float32"); // [columns, blocks, bytes]
  const columns = lengthOf(bytes.shape, 0);
  const higher = floor(div(bytes, 16));
  const numbers =
    bits === 8
      ? sub(bytes, 128)
      : reshape(sub(stack([sub(bytes, mul(higher, 16)), higher], -1), 8), [
          ...scales.shape,
          2 * lengthOf(bytes.shape, 2),
        ]);
  const padded = reshape(mul(numbers, unsqueeze(cast(scales, "float32"), -1)), [columns, -1]);
  return slice(padded, { axis: 1, end: rows });
}

/** Zero of the rows in unsigned bytes. */
const zeroPoint = 128;

/** A row of zeros is divided by zero; whatever bytes that gives, they are multiplied by zero in the end. */
function int8Product(given: Tensor, values: Tensor, scales: Tensor): Tensor {
  const x = cast(given, "float32");
  const largest = max(abs(x), -1, { keepDims: true }); // [..., 1]
  const step = literal(new Float32Array([1 / 127]), { shape: [] });
  const zero = literal(new Uint8Array([zeroPoint]), { shape: [], dtype: "uint8" });
  const bytes = operator("QuantizeLinear", [div(x, largest), step, zero], {}, "uint8", x.shape);
  const shape = [...x.shape.slice(0, -1), lengthOf(values.shape, 1)];
  const inputs = [bytes, values, step, cast(scales, "float32"), zero];
  const product = operator("MatMulIntegerToFloat", inputs, {}, "float32", shape);
  return cast(mul(product, largest), given.dtype);
}
