/// <reference types="node" />
/**
 * A run to be killed: `killed-run.ts OPTIMIZER CHECKPOINT [STEPS [HALF]]` trains, saves each step, and prints
 * a line an event; it goes on from the checkpoint if it is there. After STEPS steps of its own it waits
 * for its end, as it does in the middle of writing the checkpoint of its step HALF.
 */
import { existsSync } from "node:fs";
import { encodeSafetensors } from "@hawksbill/checkpoint";
import { readSafetensors, writeFileAtomic } from "@hawksbill/checkpoint/node";
import { openDevice } from "@hawksbill/core";
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
  train,
} from "../src/index.js";
import { course } from "./course.js";
import { lineOf } from "./line-of.js";

const [optimizer = "", path = "", steps, half] = process.argv.slice(2);
const device = await openDevice("cpu", { threads: 1 });
const print = (line: string): unknown => process.stdout.write(`${line}\n`);
const forEver = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600_000));
const resume = existsSync(path) ? decodeTrainingState(await readSafetensors(path)) : undefined;
const first = resume?.step ?? 0;

async function save(state: TrainingState): Promise<void> {
  const { tensors, metadata } = encodeTrainingState(state);
  const bytes = encodeSafetensors(tensors, metadata);
  const middle = Math.floor(bytes.length / 2);
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, middle);
    if (state.step - first === Number(half)) {
      print("half");
      await forEver();
    }
    yield bytes.subarray(middle);
  }
  await writeFileAtomic(path, parts());
}

for await (const event of train({
  ...course(optimizer, device),
  ...(resume ? { resume } : {}),
  checkpoint: { every: 1, save },
})) {
  print(lineOf(event));
  if (event.type === "checkpoint" && event.step - first === Number(steps)) await forEver();
}
await device.close();
