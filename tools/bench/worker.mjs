/**
 * What a process costs beside a thread, as built (`npm run build`): time to start, memory with the small base in it, and
 * time of a call there and back.
 *
 *   node tools/bench/worker.mjs
 */
import { fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { modelFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { openSpeaker } from "@hawksbill/tortoise/node";
import { connect, serve } from "@hawksbill/worker";

const script = fileURLToPath(import.meta.url);
const rounds = 7;
const calls = 200;
const voice = { autoregressive: new Float32Array(192) };
const sound = new Float32Array(5 * 24_000);

const start = {
  thread: () => new Worker(script),
  process: () => fork(script, { serialization: "advanced" }),
};

/** What the other side does. */
function answer() {
  serve(
    {
      async speak() {
        const device = await openDevice("cpu", { threads: 1 });
        const speaker = await openSpeaker(fileURLToPath(modelFolder), device);
        await speaker.speak({ text: "hello", voice, seed: 1, maxCodes: 16 });
      },
      echo: async (value) => value,
    },
    parentPort ?? process,
  );
}

/** Proportional set size of processes: pages that several have open are shared out among them. @returns MB. */
async function memory(pids) {
  const sizes = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) / 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, x) => sum + x, 0);
}

async function callsOf(remote, value) {
  const times = [];
  for (let i = 0; i < calls; i++) {
    const began = performance.now();
    await remote.echo(value);
    times.push(performance.now() - began);
  }
  return median(times);
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

async function measure(kind) {
  const before = await memory([process.pid]);
  const began = performance.now();
  const port = start[kind]();
  const { remote, ended, close } = connect(port);
  await remote.echo(1);
  const started = performance.now() - began;
  await remote.speak();
  const spoken = performance.now() - began;
  const after = await memory([process.pid, ...(port.pid ? [port.pid] : [])]);
  const small = await callsOf(remote, { text: "hello" });
  const large = await callsOf(remote, sound);
  close();
  await ended;
  return { started, spoken, memory: after - before, small, large };
}

if (parentPort || process.send) answer();
else {
  const taken = { thread: [], process: [] };
  for (let i = 0; i < rounds; i++)
    for (const kind of ["thread", "process"]) taken[kind].push(await measure(kind));
  for (const [kind, all] of Object.entries(taken)) {
    const of = (name, digits) => median(all.map((one) => one[name])).toFixed(digits);
    console.log(
      `${kind}: answers after ${of("started", 0)} ms, has spoken with the small base after ${of("spoken", 0)} ms, ${of("memory", 0)} MB; a call ${of("small", 3)} ms, with 5 s of sound at 24 kHz there and back ${of("large", 2)} ms`,
    );
  }
}
