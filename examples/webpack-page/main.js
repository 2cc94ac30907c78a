import { connect } from "@hawksbill/worker";

const output = document.querySelector("output");
const { remote } = connect(new Worker(new URL("./train.js", import.meta.url), { type: "module" }));

for await (const w of remote.fit({ x: [1, 2, 3], y: [2, 4, 6], steps: 20 }))
  output.textContent = `y = ${w.toFixed(3)} x`;
