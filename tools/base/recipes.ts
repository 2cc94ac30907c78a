/**
 * The recipes "hawksbill" and "dlas" side by side, on the small base and the embedded voice, as a table in Markdown:
 * `npx tsx --conditions=@hawksbill/source tools/base/recipes.ts [SEEDS] [STEPS]` (default 5 and 80).
 *
 * Both are fine-tuned on the same clips with the same settings, and then judged in the same way, on the held-out clips
 * with their exact lengths, whatever their own training saw: losses, ends known (see `codeMetrics`), and spoken length.
 */
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { compile, disposeTree, openDevice, Random, type Weights } from "@hawksbill/core";
import { type Clip, prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { Dvae } from "@hawksbill/dvae";
import { conditioningWindow, disposeModel, finetune, type Model } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import {
  type Batch,
  codeMetrics,
  makeBatch,
  type Recipe,
  trainingLosses,
  UnifiedVoice,
} from "@hawksbill/unified-voice";

const [seeds = 5, steps = 80] = process.argv.slice(2).map(Number);
const heldOutClips = 24;
/** How far a spoken sentence may be from the recorded one in length. */
const tolerance = 0.1;

const device = await openDevice("cpu", { threads: 1 }); // More of them starve on a busy machine.
const open = (): Promise<Model> => openModel(fileURLToPath(modelFolder));
const base = await open();
const { clips } = await prepareDataset(await openFolder(fileURLToPath(voiceFolder)), base);
const training = clips.slice(0, -heldOutClips);
const heldOut = clips.slice(-heldOutClips);
const dvae = Dvae.create(base.dvae, device);
const codesOf = new Map<Clip, Int32Array>();
for (const clip of heldOut) codesOf.set(clip, await dvae.encode(clip.mel));
await dvae.dispose();

/** What the held-out clips say of a model. */
interface Judgement {
  readonly mel: number;
  /** Shares of the held-out clips. */
  readonly endsKnown: number;
  readonly rightLength: number;
  readonly stopped: number;
  /** Mean of spoken to recorded length. */
  readonly length: number;
}

async function judge(model: Model, seed: number): Promise<Judgement> {
  const { mel, endsKnown } = await measured(model);
  const voice = UnifiedVoice.create(model.unifiedVoice, device);
  const conditioning = await voice.conditioning(training.map(({ mel }) => conditioningWindow(mel)));
  const { sampling } = model.settings;
  let [right, stopped, length] = [0, 0, 0];
  for (const clip of heldOut) {
    const [spoken] = await voice.generate([{ tokens: clip.tokens, voice: conditioning }], {
      random: new Random(seed),
      ...(sampling === undefined ? {} : { sampling }),
    });
    if (!spoken) continue;
    const ratio = spoken.codes.length / (codesOf.get(clip)?.length ?? 1);
    if (spoken.stopped) stopped++;
    if (spoken.stopped && Math.abs(ratio - 1) <= tolerance) right++;
    length += ratio;
  }
  await voice.dispose();
  const share = (n: number): number => n / heldOut.length;
  const shares = { rightLength: share(right), stopped: share(stopped), length: share(length) };
  return { mel, endsKnown, ...shares };
}

/** Of exact targets, one clip a batch, each conditioned on a clip of training. */
async function measured({
  unifiedVoice,
  config,
}: Model): Promise<Pick<Judgement, "mel" | "endsKnown">> {
  const run = compile(
    (weights: Weights, batch: Batch) => {
      const { mel, melLogits } = trainingLosses(weights, batch, config);
      return { mel, stop: codeMetrics(melLogits, batch, config).stopAccuracy };
    },
    { device },
  );
  let [mel, endsKnown] = [0, 0];
  for (const [i, clip] of heldOut.entries()) {
    const conditioning = [conditioningWindow((training[i] as Clip).mel)];
    const item = { tokens: clip.tokens, codes: codesOf.get(clip) ?? [], conditioning };
    const batch = makeBatch([item], config, { padTo: 32 });
    const result = await run(unifiedVoice, batch);
    mel += (await result.mel.item()) / heldOut.length;
    endsKnown += (await result.stop.item()) / heldOut.length;
    disposeTree([batch, result]);
  }
  await run.release();
  return { mel, endsKnown };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function row(recipe: string, seed: string, before: Judgement, after: Judgement): string {
  const { mel, endsKnown, rightLength, stopped, length } = after;
  const cells = [recipe, seed, `${before.mel.toFixed(3)} → ${mel.toFixed(3)}`];
  const shares = [endsKnown, rightLength, stopped].map(percent);
  return `| ${[...cells, ...shares, length.toFixed(2)].join(" | ")} |`;
}

function meanOf(all: readonly Judgement[]): Judgement {
  const mean = (name: keyof Judgement): number =>
    all.reduce((sum, one) => sum + one[name] / all.length, 0);
  return {
    ...{ mel: mean("mel"), endsKnown: mean("endsKnown"), rightLength: mean("rightLength") },
    ...{ stopped: mean("stopped"), length: mean("length") },
  };
}

console.log(
  `| recipe | seed | held-out mel loss | ends known | ends within ${percent(tolerance)} | ends by itself | spoken/recorded length |`,
);
console.log("|---|---|---|---|---|---|---|");
const recipes = ["hawksbill", "dlas"] as const satisfies Recipe[];
const untrained: Judgement[] = [];
const trained: Record<(typeof recipes)[number], Judgement[]> = { hawksbill: [], dlas: [] };
for (let seed = 1; seed <= seeds; seed++) {
  const before = await judge(base, seed);
  untrained.push(before);
  console.log(row("none", `${seed}`, before, before));
  for (const recipe of recipes) {
    const model = await open();
    const ids = heldOut.map(({ id }) => id);
    const options = { clips, device, steps, recipe, seed, heldOut: ids, evaluateEvery: steps };
    for await (const _ of finetune({ model, ...options }));
    const after = await judge(model, seed);
    disposeModel(model);
    trained[recipe].push(after);
    console.log(row(recipe, `${seed}`, before, after));
  }
}
const before = meanOf(untrained);
console.log(row("**none**", "mean", before, before));
for (const recipe of recipes)
  console.log(row(`**${recipe}**`, "mean", before, meanOf(trained[recipe])));
disposeModel(base);
await device.close();
