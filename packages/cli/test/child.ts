import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = fileURLToPath(new URL("../src/hawksbill.ts", import.meta.url));

/** A command line in a process of its own, that can be interrupted. */
export interface Child {
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Waits until the output has this text. */
  prints(text: string): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function startChild(args: readonly string[]): Child {
  const node = ["--conditions=@hawksbill/source", "--import", "tsx", script];
  const env = { ...process.env, XDG_CACHE_HOME: join(tmpdir(), `hawksbill-tests-${process.pid}`) };
  const child = spawn(process.execPath, [...node, ...args], { cwd: root, env });
  let output = "";
  const listeners = new Set<() => void>();
  const onData = (data: Buffer): void => {
    output += data;
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", onData);
  child.stderr.on("data", onData);
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
  return {
    process: child,
    output: () => output,
    ended,
    prints: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!output.includes(text)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
        ended.then(() => reject(new Error(`ended before it printed ${text}:\n${output}`)));
      }),
  };
}
