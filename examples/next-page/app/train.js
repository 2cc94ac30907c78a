import { compile, grad, mean, mul, openDevice, square, sub, tensor } from "@hawksbill/core";
import { serve } from "@hawksbill/worker";

const handlers = {
  /** Fits y = w x to points; tells w after each step. */
  async *fit({ x, y, steps }) {
    const device = await openDevice("wasm");
    const loss = (w) => mean(square(sub(mul(w, tensor(x)), tensor(y))));
    const step = compile((w) => sub(w, mul(grad(loss)(w), 0.1)), { device });
    let w = tensor(0);
    for (let i = 0; i < steps; i++) {
      w = await step(w);
      yield await w.item();
    }
  },
};

serve(handlers);
