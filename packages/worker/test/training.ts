import {
  compile,
  type DeviceName,
  matmul,
  openDevice,
  Random,
  sum,
  type Tensor,
  valueAndGrad,
} from "@hawksbill/core";

/** What the workers of the tests do. */
export const handlers = {
  /** Forward and backward passes. @returns Milliseconds of the longest. */
  async steps({ on, count, width }: { on: DeviceName; count: number; width: number }) {
    const device = await openDevice(on, { threads: 1 });
    const step = compile(
      valueAndGrad((w: Tensor, x: Tensor) => {
        let y = x;
        for (let i = 0; i < 8; i++) y = matmul(y, w);
        return sum(y);
      }),
      { device, name: "step" },
    );
    const w = new Random(1).normal([width, width]);
    let longest = 0;
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      await step(w, w);
      longest = Math.max(longest, performance.now() - began);
    }
    await device.close();
    return longest;
  },
  async echo(x: Tensor) {
    return x;
  },
};
