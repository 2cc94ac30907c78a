import {
  compile,
  grad,
  mean,
  mul,
  openDevice,
  square,
  sub,
  type Tensor,
  tensor,
} from "@hawksbill/core";

const output = document.querySelector("output") as HTMLOutputElement;
const device = await openDevice("wasm");
const [x, y] = [tensor([1, 2, 3]), tensor([2, 4, 6])];

const loss = (w: Tensor) => mean(square(sub(mul(w, x), y)));
const step = compile((w: Tensor) => sub(w, mul(grad(loss)(w), 0.1)), { device });

let w = tensor(0);
for (let i = 0; i < 20; i++) w = await step(w);
output.textContent = `y = ${(await w.item()).toFixed(3)} x`;
