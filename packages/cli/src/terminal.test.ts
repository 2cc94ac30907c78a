import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { processTerminal } from "./terminal.js";

/** As much of a process as a terminal looks at. */
function processWith(env: Record<string, string>, isTTY: boolean): NodeJS.Process {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 70 });
  return { stdout, stderr: new PassThrough(), env } as unknown as NodeJS.Process;
}

test.each([
  ["a window", {}, true, true],
  ["a pipe", {}, false, false],
  ["a window where NO_COLOR is set", { NO_COLOR: "1" }, true, false],
  ["a pipe where FORCE_COLOR is set", { FORCE_COLOR: "1" }, false, true],
  ["a dumb terminal", { TERM: "dumb" }, true, false],
])("colours in %s", (_, env, isTTY, color) => {
  expect(processTerminal(processWith(env, isTTY)).color).toBe(color);
});

test("has a width in a window only", () => {
  expect(processTerminal(processWith({}, true)).columns?.()).toBe(70);
  expect(processTerminal(processWith({}, false)).columns).toBeUndefined();
});

test("outlives its reader", () => {
  const process = processWith({}, false);
  processTerminal(process);

  expect(process.stdout.emit("error", new Error("EPIPE"))).toBe(true);
});
