/** What users of DL-Art-School and its kin met with: each is an error with a name, or is listed. */
import { copyFile, cp, readFile, writeFile } from "node:fs/promises";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum, writeTinyDataset } from "../../test/tiny-dataset.js";

const { path } = scratch();

function finetune(dataset: string, out: string, ...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path(dataset), "--base", path("model"), "--out", path(out)];
  const steps = ["--steps", "1", "--batch-size", "2", "--decoder-steps", "0", ...oneThread];
  return runCli(["finetune", ...data, ...steps, ...more]);
}

/** A hum as 32-bit floats, the last of which is no number. */
function notNumbers(): Uint8Array {
  const [from, count] = [hum(0.7), Math.round(0.7 * 22_050)];
  const wav = Buffer.alloc(44 + 4 * count);
  wav.set(from.subarray(0, 44));
  const samples = new Int16Array(from.slice(44).buffer);
  for (let i = 0; i < count; i++) wav.writeFloatLE((samples[i] ?? 0) / 32_768, 44 + 4 * i);
  wav.writeFloatLE(Number.NaN, wav.length - 4);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.writeUInt16LE(3, 20); // Floating point.
  wav.writeUInt32LE(4 * 22_050, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(32, 34);
  wav.writeUInt32LE(4 * count, 40);
  return wav;
}

test("samples that are no numbers and texts of nothing are listed, and the rest is trained on", async () => {
  await writeTinyDataset(path("faulty"), { a: "Hello.", b: "There!", c: "Who?", nan: "Hello." });
  await writeFile(path("faulty/wavs/nan.wav"), notNumbers());
  for (const name of ["empty", "spaces", "quotes"])
    await writeFile(path(`faulty/wavs/${name}.wav`), hum(0.7));
  const list = await readFile(path("faulty/metadata.csv"), "utf8");
  await writeFile(path("faulty/metadata.csv"), `${list}empty|\nspaces|   \nquotes|""\n`);

  const { code, out } = await finetune("faulty", "faulty-run", "--held-out", "1");

  expect(code).toBe(0);
  const lines = out.split("\n").filter((line) => line.includes("metadata.csv:"));
  expect(lines.map((line) => line.trim())).toEqual([
    expect.stringMatching(/^metadata\.csv:4: wavs\/nan\.wav has samples that are (no numbers|not)/),
    expect.stringMatching(/^metadata\.csv:5: .*(empty|no text)/),
    expect.stringMatching(/^metadata\.csv:6: .*(empty|no text)/),
    expect.stringMatching(/^metadata\.csv:7: .*(empty|no text|nothing)/),
  ]);
  expect(out).toContain("2 clips to train on, 1 held out to measure\n");
});

test("folders with spaces and letters of any language", async () => {
  await cp(path("voice"), path("Mein Sprecher 声 é"), { recursive: true });
  const run = "Läufe von 今日";
  const made = await finetune("Mein Sprecher 声 é", run);
  expect(made).toMatchObject({ code: 0, error: "" });
  expect(made.out).toContain(`--model "${path(run)}"`);
  const said = ["say", "Hello.", "--model", path(run), "--out", path("hallo wélt.wav")];
  expect(await runCli([...said, ...oneThread])).toMatchObject({ code: 0, error: "" });
  const written = await runCli(["export", path(run), "--out", path("stimme 声.pth")]);
  expect(written).toMatchObject({ code: 0, error: "" });
});

test("more batches a step than there are clips", async () => {
  const { code, error } = await finetune("voice", "accumulated", "--accumulate", "9");
  expect([code, error]).toEqual([0, ""]);
});

test("checkpoints of another kind, as a base and to go on from", async () => {
  await cp(path("model"), path("strange"), { recursive: true });
  await copyFile(path("model/dvae.safetensors"), path("strange/unified-voice.safetensors"));
  const base = ["--base", path("strange")];
  const begun = await finetune("voice", "strange-run", ...base);
  expect(begun.code).toBe(1);
  expect(begun.error).toMatch(/unified-voice\.safetensors: .*(kind|dVAE|missing)/);

  await finetune("voice", "run");
  await writeSafetensors(path("run/checkpoint.safetensors"), { w: zeros([1]) });
  const resumed = await runCli(["finetune", "--resume", path("run"), ...oneThread]);
  expect(resumed.code).toBe(1);
  expect(resumed.error).toContain(
    "checkpoint.safetensors: it holds no training state, only weights",
  );
});
