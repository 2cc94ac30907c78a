import { type Attributes, operator } from "./graph.js";
import { pad, reshape, slice } from "./ops/layout.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Outputs that WebGPU's convolution computes at once. */
const lanes = 4;

/**
 * ONNX's Conv on every device: `conv1d` and `conv2d`.
 *
 * @param weight [outputs, channels / group, …kernel].
 * @param shape Of the result, [batch, outputs, …times].
 */
export function groupedConvolution(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  attributes: Attributes["Conv"],
  shape: Shape,
): Tensor {
  const { group: G } = attributes;
  const [B = 1, O = 1, ...times] = shape;
  const outputs = O / G;
  const convolve = (w: Tensor, b: Tensor | undefined, to: Shape): Tensor =>
    operator("Conv", b ? [x, w, b] : [x, w], attributes, x.dtype, to);
  const crossesGroups = outputs > 1 && outputs % lanes !== 0 && O % lanes === 0;
  if (G === 1 || !crossesGroups) return convolve(weight, bias, shape);
  // WebGPU (ONNX Runtime 1.30.0) would compute four outputs of two groups at once, and wrongly: give each group some
  // more, of zeros, and drop them.
  const more = lanes - (outputs % lanes);
  const filled = (part: Tensor): Tensor => {
    const rows = reshape(part, [G, outputs, -1]);
    const amounts = [0, more, 0].map((end): [number, number] => [0, end]);
    return reshape(pad(rows, amounts), [G * (outputs + more), ...part.shape.slice(1)]);
  };
  const wide = [B, G * (outputs + more), ...times];
  const y = convolve(filled(weight), bias && filled(bias), wide);
  const kept = slice(reshape(y, [B, G, outputs + more, -1]), { axis: 2, end: outputs });
  return reshape(kept, shape);
}
