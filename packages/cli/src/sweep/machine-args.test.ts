import { expect, test } from "vitest";
import { machineArgs } from "./machine-args.js";

test("parts where a run is computed from what it is", () => {
  const args = ["--steps", "3", "--device", "cpu", "--threads=1", "--json", "--best"];

  expect(machineArgs(args)).toEqual({
    machine: ["--device", "cpu", "--threads=1", "--json"],
    rest: ["--steps", "3", "--best"],
  });
});
