import { type Attributes, operator } from "./graph.js";
import { pad, reshape, slice } from "./ops/layout.js";
import { lengthOf, type Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/**
 * ONNX's ConvTranspose on every device: `convTranspose1d`, and the gradient of a convolution.
 *
 * @param weight [channels, outputs / group, …kernel].
 * @param shape Of the result, [batch, outputs, …times].
 */
export function transposedConvolution(
  x: Tensor,
  weight: Tensor,
  attributes: Attributes["ConvTranspose"],
  shape: Shape,
): Tensor {
  const { group } = attributes;
  const [B = 1, O = 1, ...times] = shape;
  if (group === 1 || O > group || lengthOf(weight.shape, 0) === group)
    return operator("ConvTranspose", [x, weight], attributes, x.dtype, shape);
  // Groups of several channels and one output come out wrong on WebGPU (ONNX Runtime 1.30.0): give
  // them a second output, of zeros, and drop it.
  const amounts = weight.shape.map((_, i): [number, number] => [0, i === 1 ? 1 : 0]);
  const inputs = [x, pad(weight, amounts)];
  const y = operator("ConvTranspose", inputs, attributes, x.dtype, [B, 2 * O, ...times]);
  return reshape(slice(reshape(y, [B, O, 2, -1]), { axis: 2, end: 1 }), shape);
}
