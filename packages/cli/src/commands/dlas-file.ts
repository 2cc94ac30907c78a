import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type DlasNote, type DlasSettings, readDlasConfig } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { fileProblem } from "../file-problem.js";
import { count } from "../format.js";
import { given } from "../given.js";
import { exists } from "../place.js";
import type { Reporter } from "../reporter.js";
import type { RunSettings } from "../run/run-config.js";

/**
 * The settings in a configuration of DL-Art-School's; tells what is done in place of what it says.
 *
 * @param typed Files that options name: then those of the configuration need not be there.
 * @throws {CliError} It cannot be read, its weights are not there, or its lists lie on several disks.
 */
export async function readDlasFile(
  path: string,
  reporter: Reporter,
  typed: { readonly base?: string | undefined; readonly diffusion?: string | undefined },
): Promise<Partial<RunSettings>> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new CliError(fileProblem(cause) ?? String(cause), { cause });
  });
  const { trains, settings, notes } = readDlasConfig(text, path);
  for (const line of noteLines(path, notes)) reporter.note(line);
  reporter.event({ type: "dlas", file: path, trains, notes });
  const isDiffusion = trains === "diffusion";
  const base = isDiffusion ? settings.latentsFrom : settings.pretrained;
  return {
    ...(await dataOf(path, settings)),
    ...trainingOf(path, settings),
    ...(isDiffusion ? await decoderOf(path, settings, typed.diffusion) : {}),
    ...(base === undefined || typed.base !== undefined
      ? {}
      : { base: await placeOfWeights(path, base, "--base") }),
  };
}

/** What only the diffusion model's training has. */
async function decoderOf(
  path: string,
  { pretrained, unconditioned }: DlasSettings,
  typed: string | undefined,
): Promise<Partial<RunSettings>> {
  const isNamed = pretrained !== undefined && typed === undefined;
  const diffusion = isNamed ? await placeOfWeights(path, pretrained, "--diffusion") : undefined;
  return { part: "diffusion", ...given({ diffusion, unconditioned }) };
}

/** @throws {CliError} The file is not there. */
async function placeOfWeights(path: string, file: string, option: string): Promise<string> {
  const place = await placeOfList(path, file);
  if (await exists(place)) return place;
  throw new CliError(
    `${path}: training is to begin with ${file}, which is not there; say with ${option} where it is, or change the path`,
  );
}

function noteLines(path: string, notes: readonly DlasNote[]): string[] {
  const others = notes.filter(({ verdict }) => verdict !== "kept");
  const width = Math.max(0, ...others.map(({ key }) => key.length));
  const lines = (verdict: string): string[] =>
    others
      .filter((note) => note.verdict === verdict)
      .map(({ key, what }) => `  ${key.padEnd(width)}  ${what}`);
  const kept = notes.length - others.length;
  return [
    ...(kept > 0 ? [`${path}: ${count(kept, "key")} kept`] : []),
    ...titled("something else is done for", lines("replaced")),
    ...titled("of no meaning here", lines("ignored")),
  ];
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}

function trainingOf(path: string, settings: DlasSettings): Partial<RunSettings> {
  const {
    clipsAStep,
    accumulate = 1,
    beta1,
    beta2,
    clip,
    textLossWeight,
    melLossWeight = 1,
  } = settings;
  const { steps, learningRate, optimizer, weightDecay, schedule, warmupSteps, milestones, gamma } =
    settings;
  const { evaluateEvery, checkpointEvery, keepLast, seed } = settings;
  const { conditioningClips, averageDecay, restartEvery } = settings;
  if (melLossWeight === 0)
    throw new CliError(`${path}: the mel loss weighs 0, so no speech is learnt; give it more`);
  const batchSize = clipsAStep && Math.ceil(clipsAStep / accumulate);
  const hasBetas = beta1 !== undefined && beta2 !== undefined;
  return given({
    ...{ steps, batchSize, accumulate, learningRate, optimizer, weightDecay, clip },
    ...{ schedule, warmupSteps, milestones, gamma, evaluateEvery, checkpointEvery, keepLast, seed },
    ...{ conditioningClips, averageDecay, restartEvery },
    betas: hasBetas ? ([beta1, beta2] as const) : undefined,
    clipBy: clip === undefined ? undefined : ("group" as const),
    textWeight: textLossWeight === undefined ? undefined : textLossWeight / melLossWeight,
  });
}

/** The folder that has all lists, and their names in it. @throws {CliError} No folder has them all. */
async function dataOf(
  path: string,
  settings: Pick<
    DlasSettings,
    "trainingLists" | "heldOutLists" | "minimumSeconds" | "maximumSeconds" | "maximumTextTokens"
  >,
): Promise<Partial<RunSettings>> {
  const { trainingLists = [], heldOutLists = [], ...others } = settings;
  const { minimumSeconds, maximumSeconds, maximumTextTokens } = others;
  const limits = given({ minimumSeconds, maximumSeconds, maximumTextTokens });
  if (trainingLists.length === 0) return limits;
  const places: string[] = [];
  for (const list of [...trainingLists, ...heldOutLists])
    places.push(await placeOfList(path, list));
  const folder = commonFolder(places);
  if (folder === undefined)
    throw new CliError(
      `${path}: its lists lie on several disks (${places.join(", ")}); put them on one, or give --dataset`,
    );
  const names = places.map((place) => relative(folder, place).replaceAll(sep, "/"));
  const heldOut = names.slice(trainingLists.length);
  return {
    ...limits,
    dataset: folder,
    lists: [...new Set(names)],
    ...(heldOut.length === 0 ? {} : { heldOutLists: heldOut }),
  };
}

/** The deepest folder that has all places, which are absolute. */
function commonFolder([first = "", ...others]: readonly string[]): string | undefined {
  let folder = dirname(first);
  const has = (place: string): boolean =>
    !isAbsolute(relative(folder, place)) && !relative(folder, place).startsWith("..");
  while (!others.every(has)) {
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
  return folder;
}

/** Files are named as seen from where DL-Art-School was started, which is beside the configuration's folder. */
async function placeOfList(path: string, list: string): Promise<string> {
  const besideConfig = resolve(join(dirname(path), list));
  return (await exists(besideConfig)) ? besideConfig : resolve(list);
}
