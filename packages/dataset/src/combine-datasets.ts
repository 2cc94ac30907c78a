import { DatasetError } from "./dataset-error.js";
import type { Problem } from "./problem.js";

/** One of several datasets. */
export interface DatasetPart<T> {
  /** Stands before the names of its clips and speakers. */
  readonly name: string;
  readonly dataset: { readonly clips: readonly T[]; readonly leftOut: readonly Problem[] };
  /** How often its clips come in an epoch; default 1. */
  readonly weight?: number;
}

/**
 * Several datasets as one. The names of clips and speakers get the dataset's before them, as two
 * datasets may have an `a.wav`, and a speaker 1, of their own; a dataset without speakers is one speaker.
 *
 * @throws {DatasetError} Two have one name, or a weight is not above 0.
 */
export function combineDatasets<T extends { readonly id: string; readonly speaker?: string }>(
  parts: readonly DatasetPart<T>[],
): {
  readonly clips: (T & { readonly speaker: string; readonly weight: number })[];
  readonly leftOut: Problem[];
} {
  const names = new Set<string>();
  for (const { name, weight = 1 } of parts) {
    if (names.has(name))
      throw new DatasetError(
        `combineDatasets: two datasets are called ${JSON.stringify(name)}; give each a name of its own`,
      );
    names.add(name);
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new DatasetError(
        `combineDatasets: the weight of ${JSON.stringify(name)} is ${weight}; give a number above 0`,
      );
  }
  return {
    clips: parts.flatMap(({ name, dataset, weight = 1 }) =>
      dataset.clips.map((clip) => ({
        ...clip,
        id: `${name}/${clip.id}`,
        speaker: clip.speaker === undefined ? name : `${name}/${clip.speaker}`,
        weight,
      })),
    ),
    leftOut: parts.flatMap(({ name, dataset }) =>
      dataset.leftOut.map((problem) => {
        const within = (path: string): string => (path === "" ? "" : `${name}/${path}`);
        const { id, list, path } = problem;
        return { ...problem, id: `${name}/${id}`, list: within(list), path: within(path) };
      }),
    ),
  };
}
