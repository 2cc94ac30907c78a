import { liveTensors, openDevice, subtree } from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  type Fixture,
  fixture,
  hasShared,
  mels,
  numbers,
  relativeError,
  row,
} from "../test/fixtures.js";
import { UnifiedVoice } from "./unified-voice.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

const device = await openDevice("cpu");
const weights = subtree(fixture("dlas_true").tensors, "weights");

/** Float32 in another order of sums. */
const rounding = 1e-5;

async function expectTortoise(file: Fixture, model: UnifiedVoice): Promise<void> {
  const { text, mel_codes, conditioning_mel } = subtree(file.tensors, "inputs");
  const { conditioning_latent, latent } = subtree(file.tensors, "outputs");
  for (const i of [0, 1]) {
    const voice = await model.conditioning(mels(conditioning_mel, i));
    expect(relativeError(voice, row(conditioning_latent, i))).toBeLessThan(rounding);
    const states = await model.latents({ tokens: row(text, i), voice }, row(mel_codes, i));
    expect(relativeError(states, row(latent, i))).toBeLessThan(rounding);
  }
  await model.dispose();
}

test("conditioning and latents equal PyTorch's", () =>
  expectTortoise(fixture("tortoise"), UnifiedVoice.create(weights, device, { heads: 2 })));

test.skipIf(!hasShared)("conditioning and latents equal TorToiSe's (needs ../shared)", async () => {
  const file = fixture("unified_voice_tortoise", "shared");
  const { heads } = file;
  const weights = subtree(file.tensors, "weights");
  await expectTortoise(file, UnifiedVoice.create(weights, device, { heads }));
});

test("the loss is a number, and nothing is left behind", async () => {
  const file = fixture("tortoise");
  const { text, mel_codes, conditioning_mel } = subtree(file.tensors, "inputs");
  const items = [0, 1].map((i) => ({
    tokens: row(text, i),
    codes: row(mel_codes, i),
    conditioning: mels(conditioning_mel, i),
  }));
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const before = liveTensors();
  const { loss, text: textLoss, mel } = await model.loss(items, { textWeight: 0.5, padTo: 32 });
  expect(loss).toBeCloseTo(0.5 * textLoss + mel, 5);
  await model.conditioning(items[0]?.conditioning ?? []);
  expect(liveTensors()).toBe(before);
  await model.dispose();
});

test("refuses no clip, and codes that are none", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  await expect(model.conditioning([])).rejects.toThrow(
    new UnifiedVoiceError("conditioning: there is no clip; give at least one"),
  );
  const voice = Float32Array.from(
    numbers(fixture("tortoise").tensors["outputs.conditioning_latent"]).slice(0, 12),
  );
  await expect(model.latents({ tokens: [1], voice }, [19])).rejects.toThrow(
    "latents: code 19 at 0 is not one of a dVAE with 18 codes; give codes alone, without start (18) and stop (19)",
  );
});
