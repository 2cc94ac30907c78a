import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { helpSection } from "../test/readme-help.js";
import { runCli } from "../test/run-cli.js";
import { version } from "./version.js";

const commands = [
  "finetune",
  "say",
  "read",
  "voices",
  "classify",
  "encode",
  "decode",
  "inspect",
  "download",
  "demo",
];

test("tells its version", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, out: `${version}\n`, error: "" });
});

test("lists the commands, with examples", async () => {
  const { code, out } = await runCli(["--help"]);

  expect(code).toBe(0);
  for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
  expect(out).toContain("$ hawksbill demo");
});

test.each(commands)("%s has help with examples", async (command) => {
  const { code, out } = await runCli([command, "--help"]);

  expect(code).toBe(0);
  expect(out).toContain(`Usage: hawksbill ${command}`);
  expect(out).toMatch(new RegExp(`Examples:\n  \\$ hawksbill ${command}`));
});

test.each([
  [["finetune", "--stpes", "3"], "error: unknown option '--stpes'\n(Did you mean --steps?)\n"],
  [
    ["say", "Hi.", "--out", "x.wav", "--sed", "3"],
    "error: unknown option '--sed'\n(Did you mean --seed?)\n",
  ],
  [["finetun"], "error: unknown command 'finetun'\n(Did you mean finetune?)\n"],
  [["read", "--out", "x"], "error: missing required argument 'file'\n"],
  [["say", "Hi."], "error: required option '--out <file.wav>' not specified\n"],
  [
    ["finetune", "--steps", "1.5"],
    "error: option '--steps <n>' argument '1.5' is invalid. Give a whole number of 1 or more.\n",
  ],
  [
    ["finetune", "--learning-rate", "0"],
    "error: option '--learning-rate <x>' argument '0' is invalid. Give a number above 0.\n",
  ],
  [
    ["finetune", "--held-out", "2.5"],
    "error: option '--held-out <clips>' argument '2.5' is invalid. Give a whole number of clips, a share below 1, or ids separated by commas.\n",
  ],
  [
    ["finetune", "--device", "gpu"],
    "error: option '--device <name>' argument 'gpu' is invalid. Allowed choices are auto, cpu, webgpu, cuda, dml, coreml.\n",
  ],
  [
    ["finetune", "--out", "run"],
    "Error: --dataset is missing; give the folder of recordings and texts, e.g. --dataset my-voice (hawksbill demo shows a run without one)\n",
  ],
  [
    ["finetune", "--dataset", "voice"],
    "Error: --out is missing; give a new folder for the run, e.g. --out my-run\n",
  ],
])("refuses %j and says what to do", async (args, error) => {
  expect(await runCli(args)).toEqual({ code: 1, out: "", error });
});

test("shows where an error comes from only when asked to", async () => {
  const args = ["decode", "nowhere.json", "--out", "x.wav"];

  expect((await runCli(args)).error).toBe(
    "Error: nowhere.json: there is no such file or folder; check the path\n",
  );
  expect((await runCli([...args, "--verbose"])).error).toMatch(/ENOENT.*\n\s+at /);
});

test("the README has the whole help; test/readme-help.ts writes it", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

  expect(readme.replaceAll("\r\n", "\n").endsWith(await helpSection())).toBe(true);
});
