import { operator } from "../graph.js";
import type { Tensor } from "../tensor.js";

/**
 * `value`, but with gradients that `backward` gives instead of those of the operators that made it.
 *
 * @param inputs The tensors that receive a gradient.
 * @param backward From the gradient of the result to one gradient an input (undefined: none).
 */
export function withGradient(
  value: Tensor,
  inputs: readonly Tensor[],
  backward: (dy: Tensor) => readonly (Tensor | undefined)[],
): Tensor {
  return operator("WithGradient", [value, ...inputs], { backward }, value.dtype, value.shape);
}

/** `x` as a constant: no gradient flows through. */
export function stopGradient(x: Tensor): Tensor {
  return withGradient(x, [], () => []);
}

/** `value` forwards, but backwards as if it were `x`: the gradient of a rounding or a codebook look-up. */
export function straightThrough(value: Tensor, x: Tensor): Tensor {
  return withGradient(value, [x], (dy) => [dy]);
}
