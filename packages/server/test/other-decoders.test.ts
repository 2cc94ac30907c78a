/// <reference types="node" />
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SpeechServer } from "../src/index.js";
import { FakeModel, order } from "./fake-model.js";

const folder = mkdtempSync(join(tmpdir(), "hawksbill-server-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Programs that read a file, and say so by their exit code. */
const decoders: readonly (readonly [
  format: string,
  program: string,
  args: (file: string) => string[],
])[] = [
  ["mp3", "ffmpeg", (file) => ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]],
  ["opus", "ffmpeg", (file) => ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]],
  ["mp3", "sox", (file) => [file, "-n"]],
  ["wav", "sox", (file) => [file, "-n"]],
  ["opus", "opusinfo", (file) => [file]],
  ["flac", "flac", (file) => ["--test", "--silent", file]],
];

/** Whether a program is there; sox lists its formats, and Debian ships its MP3 in a package of its own. */
function canRead(program: string, format: string): boolean {
  const { error, stdout } = spawnSync(program, ["--help"], { encoding: "utf8" });
  return error === undefined && (program !== "sox" || stdout.split(/\s+/).includes(format));
}

for (const [format, program, args] of decoders) {
  const needs = `${program} with ${format}`;
  test.skipIf(!canRead(program, format))(
    `${program} reads ${format} (needs ${needs})`,
    async () => {
      const server = new SpeechServer({ models: [new FakeModel()] });
      const response = await server.fetch(order({ response_format: format }));
      const file = join(folder, `${program}.${format}`);
      writeFileSync(file, new Uint8Array(await response.arrayBuffer()));

      const { status, stdout, stderr } = spawnSync(program, args(file), { encoding: "utf8" });

      expect(status).toBe(0);
      expect(`${stdout}${stderr}`).not.toMatch(/error|corrupt|illegal|warning:/i);
    },
  );
}
