import { spawnSync } from "node:child_process";
import type { Work } from "../work.js";

/** A new process each time: from the import to the first result. */
const script = `
const began = performance.now();
const { add, compile, ones, openDevice } = await import("@hawksbill/core");
const device = await openDevice("cpu");
const x = await compile((x) => add(x, 1), { device })(ones([3]));
console.log(JSON.stringify({ outputs: [...(await x.data())], seconds: (performance.now() - began) / 1000 }));
process.exit(0);`;

const startImport: Work = {
  id: "start.import",
  group: "load",
  what: "from the import of the built package to the first result of an operator",
  peers: ["pytorch-fp32"],
  isElsewhere: true,
  open: async () => async () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`start.import: build the packages first.\n${stderr}`);
    return JSON.parse(stdout) as { outputs: number[]; seconds: number };
  },
  runs: [7, 3],
};

export const startWorks: readonly Work[] = [startImport];
