import type { GivenFile } from "../../clips.js";
import type { BaseName } from "../../settings.js";
import { type NumberSetting, store } from "../store.js";
import { modelWorker } from "../workers.js";
import { examine, suggest } from "./examine.js";
import { attempt } from "./notices.js";

/** Takes another base; vocabulary and limits are its own, so the clips are looked at again. */
export async function chooseBase(name: BaseName): Promise<void> {
  const before = store.baseName.value;
  store.baseName.value = name;
  store.suggestions.value = undefined; // Nothing is started until they are of this base.
  const isTaken = await attempt(async () => {
    store.base.value = await modelWorker.base(name);
    store.choices.value = {};
  });
  if (!isTaken) store.baseName.value = before;
  await examine();
}

/** Takes a base of the user's own. */
export async function chooseBaseFiles(given: readonly GivenFile[]): Promise<void> {
  const isKept = await attempt(async () => {
    await modelWorker.keepBase(given);
  });
  if (isKept) await chooseBase("own");
}

/** Trains an adapter of so many columns; 0 trains all weights. */
export async function setRank(rank: number): Promise<void> {
  store.rank.value = rank;
  await attempt(suggest);
}

/** Takes a number in place of the suggested one; undefined takes the suggestion. */
export function choose(name: NumberSetting, value: number | undefined): void {
  const { [name]: _, ...others } = store.choices.value;
  store.choices.value = value === undefined ? others : { ...others, [name]: value };
}
