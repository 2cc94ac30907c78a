import { openDevice } from "@hawksbill/core";
import { openStep } from "./ours.js";
import { type Problem, readProblem, type Step } from "./problem.js";

/** What the page offers to open-page.ts. */
export interface Page {
  /** Reads the problem beside the page. @param threads Default as many as there are cores. */
  open(threads?: number): Promise<void>;
  step(): Promise<{ readonly loss: number; readonly seconds: number }>;
}

/** Beside the page are the problem and the WebAssembly files. */
export type OpenStep = (problem: Problem, wasmFolder: string, threads: number) => Promise<Step>;

export const openOurs: OpenStep = async (problem, wasmPaths, threads) =>
  openStep(problem, await openDevice("wasm", { threads, wasmPaths }));

/** Lets a contestant be driven from outside. */
export function offer(openStep: OpenStep): void {
  const { location, navigator } = globalThis as unknown as {
    location: { href: string };
    navigator: { hardwareConcurrency: number };
  };
  let step: Step | undefined;
  const page: Page = {
    async open(threads = navigator.hardwareConcurrency) {
      const response = await fetch(new URL("problem.safetensors", location.href));
      const problem = readProblem(new Uint8Array(await response.arrayBuffer()));
      step = await openStep(problem, location.href, threads);
    },
    async step() {
      const began = performance.now();
      const loss = (await step?.()) ?? Number.NaN;
      return { loss, seconds: (performance.now() - began) / 1000 };
    },
  };
  Object.assign(globalThis, { bench: page });
}
