import { cp, mkdir } from "node:fs/promises";
import { Random } from "@hawksbill/core";
import { type Speaker, TortoiseError, type VoiceLatents } from "@hawksbill/tortoise";
import { saveVoice } from "@hawksbill/tortoise/node";
import { expect, test } from "vitest";
import { scratch } from "../../test/scratch.js";
import type { Reporter } from "../reporter.js";
import { openVoices } from "./serve-model.js";

const { path } = scratch();
const latents: VoiceLatents = { autoregressive: new Float32Array(4) };
const silent = { note: () => undefined } as unknown as Reporter;

/** A speaker that keeps how it is asked to hear voices. */
function listener() {
  const asked: unknown[] = [];
  const speaker = {
    kind: "tortoise",
    async voice(voice: unknown, options: object) {
      asked.push([Array.isArray(voice) ? "clips" : voice, options]);
      return latents;
    },
  } as unknown as Speaker;
  return { speaker, asked };
}

test("voices are heard as --averaging, --resampling and --seed say", async () => {
  await mkdir(path("all"));
  await cp(path("voice/wavs"), path("all/me"), { recursive: true });
  await saveVoice(path("all/you.safetensors"), latents);
  const flags = { averaging: "chunks", resampling: "direct", seed: 4 } as const;
  const conditioning = { averaging: "chunks", resampling: "direct" };
  const random = new Random(4).fork("voice");
  const { speaker, asked } = listener();

  await openVoices({ ...flags, voices: path("all") }, speaker, silent);
  await openVoices(
    { ...flags, voice: [path("all/me"), path("all/you.safetensors")] },
    speaker,
    silent,
  );
  await openVoices({ seed: 4, voice: ["random"] }, speaker, silent);

  expect(asked).toEqual([
    ["clips", { ...conditioning, random }],
    [latents, { random }], // Heard already.
    ["clips", { ...conditioning, random }],
    [latents, { random }],
    [latents, { random }], // Both in one.
    ["random", { random }],
  ]);
});

test("what is wrong with a voice of --voices is told with its path", async () => {
  await mkdir(path("strange"));
  await saveVoice(path("strange/you.safetensors"), latents);
  const speaker = {
    kind: "tortoise",
    async voice() {
      throw new TortoiseError("voice: the latents are another model's");
    },
  } as unknown as Speaker;

  await expect(openVoices({ voices: path("strange") }, speaker, silent)).rejects.toThrow(
    `${path("strange/you.safetensors")}: voice: the latents are another model's`,
  );
});
