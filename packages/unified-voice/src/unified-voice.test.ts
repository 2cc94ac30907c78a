import { toFloat16, toFloat32 } from "@hawksbill/checkpoint";
import {
  DisposedError,
  lazyTensor,
  liveTensors,
  NonFiniteError,
  openDevice,
  ShapeError,
  subtree,
} from "@hawksbill/core";
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

const inputs = subtree(fixture("tortoise").tensors, "inputs");
const items = [0, 1].map((i) => ({
  tokens: row(inputs.text, i),
  codes: row(inputs.mel_codes, i),
  conditioning: mels(inputs.conditioning_mel, i),
}));
const [item] = items as [(typeof items)[number]];

test("the loss is a number, and nothing is left behind", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const before = liveTensors();
  const { loss, text: textLoss, mel } = await model.loss(items, { textWeight: 0.5, padTo: 32 });
  expect(loss).toBeCloseTo(0.5 * textLoss + mel, 5);
  await model.conditioning(item.conditioning);
  expect(liveTensors()).toBe(before);
  await model.dispose();
});

test("codes are as likely as the head makes them of the latents", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const voice = await model.conditioning(item.conditioning);
  const prompt = { tokens: item.tokens, voice };
  const { codes, ends } = await model.likelihood(prompt, item.codes);
  const states = await model.latents(prompt, [...item.codes, 0]);
  const [head, bias] = [numbers(weights["mel_head.weight"]), numbers(weights["mel_head.bias"])];
  const { modelDim, stopMelToken } = model.config;
  for (let i = 0; i <= item.codes.length; i++) {
    const logits = Array.from(bias, (sum, code) =>
      states
        .subarray(i * modelDim, (i + 1) * modelDim)
        .reduce((total, x, d) => total + x * (head[code * modelDim + d] as number), sum),
    );
    const all = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    expect(ends[i]).toBeCloseTo((logits[stopMelToken] as number) - all, 5);
    if (i < item.codes.length)
      expect(codes[i]).toBeCloseTo((logits[item.codes[i] as number] as number) - all, 5);
  }
  expect([codes.length, ends.length]).toEqual([item.codes.length, item.codes.length + 1]);
  await model.dispose();
});

test("float16 weights will do, and give what they give in float32", async () => {
  const halves = toFloat16(weights);
  const all: Float32Array[][] = [];
  for (const given of [halves, toFloat32(halves)]) {
    const model = UnifiedVoice.create(given, device, { heads: 2 });
    const voice = await model.conditioning(item.conditioning);
    const prompt = { tokens: item.tokens, voice };
    const [spoken] = await model.generate([prompt], { sampling: "greedy", maxCodes: 5 });
    const states = await model.latents(prompt, item.codes);
    const { loss } = await model.loss(items);
    all.push([voice, states, Float32Array.of(loss, ...(spoken?.codes ?? []))]);
    await model.dispose();
  }
  const [inHalves, inFloats] = all as [Float32Array[], Float32Array[]];
  for (const [i, numbers] of inHalves.entries())
    expect(relativeError(numbers, inFloats[i] as Float32Array)).toBeLessThan(1e-6); // The same programs, rearranged.
});

test("of weights in a file, a voice reads its own once, for all clips", async () => {
  const reads: string[] = [];
  const stored = Object.entries(weights).map(([name, weight]) => {
    const { dtype, shape } = weight;
    const read = async () => {
      reads.push(name);
      return new Uint8Array((weight.dataSync() as Float32Array).slice().buffer);
    };
    return [name, lazyTensor({ read }, { dtype, shape })];
  });
  const model = UnifiedVoice.create(Object.fromEntries(stored), device, { heads: 2 });
  await model.conditioning([...item.conditioning, ...item.conditioning]);
  await model.dispose();
  const own = Object.keys(weights).filter((name) => name.startsWith("conditioning_encoder."));
  expect(reads.sort()).toEqual(own.sort());
});

test("a mel that is none is told, not heard", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const before = liveTensors();
  const [mel] = item.conditioning as [(typeof item.conditioning)[number]];
  await expect(model.conditioning([{ ...mel, data: mel.data.slice(1) }])).rejects.toThrow(
    new ShapeError(
      `conditioning: a mel has 80 bands, ${mel.frames} frames and ${mel.data.length - 1} numbers; give 80 bands, 1 frame or more, and bands · frames numbers`,
    ),
  );
  for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY])
    await expect(
      model.conditioning([mel, { ...mel, data: mel.data.with(mel.data.length - 1, wrong) }]),
    ).rejects.toThrow(
      new NonFiniteError(
        "conditioning: a clip's voice is NaN or infinite; look for such numbers in its mel and in the weights",
      ),
    );
  expect(liveTensors()).toBe(before);
  await model.dispose();
});

test("a model that was disposed of says so", async () => {
  const gone = UnifiedVoice.create(weights, device, { heads: 2 });
  await gone.dispose();
  const prompt = { tokens: item.tokens, voice: new Float32Array(12) };
  for (const [method, run] of Object.entries({
    conditioning: () => gone.conditioning(item.conditioning),
    generate: () => gone.generate([prompt], { sampling: "greedy" }),
    latents: () => gone.latents(prompt, item.codes),
    likelihood: () => gone.likelihood(prompt, item.codes),
    loss: () => gone.loss(items),
  }))
    await expect(run()).rejects.toThrow(
      new DisposedError(`${method}: this model was disposed of; create another`),
    );
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
