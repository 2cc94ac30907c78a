/** A tensor that holds elements. */
interface Live {
  dispose(): void;
}

let live = 0;
const scopes: Set<Live>[] = [];

/** Counts a tensor that holds elements from now on, and puts it under the care of the innermost scope. */
export function beginLife(tensor: Live): void {
  live++;
  scopes.at(-1)?.add(tensor);
}

/** A tensor holds elements no more. */
export function endLife(): void {
  live--;
}

/** How many tensors hold elements and were not disposed of: work that frees all it makes leaves it as it was. */
export function liveTensors(): number {
  return live;
}

/**
 * Disposes of every tensor made while `body` runs, except those in what it returns.
 *
 * Scopes nest; two that overlap in time without nesting cannot be told apart and are refused.
 *
 * @param body Returns a tensor or a tree of tensors (arrays, plain objects) to keep.
 */
export async function scope<T>(body: () => T | Promise<T>): Promise<T> {
  const mine = new Set<Live>();
  scopes.push(mine);
  let result: T | undefined;
  try {
    result = await body();
    return result;
  } finally {
    const innermost = scopes.at(-1) === mine;
    scopes.splice(scopes.indexOf(mine), 1);
    const kept = new Set(objectsIn(result));
    for (const tensor of mine) {
      if (!kept.has(tensor)) tensor.dispose();
      else scopes.at(-1)?.add(tensor);
    }
    if (!innermost)
      // biome-ignore lint/correctness/noUnsafeFinally: two overlapping scopes have already mixed up their tensors.
      throw new Error("scope: two scopes overlap in time; await one before the next begins");
  }
}

/** All objects of a tree, tensors among them. */
function* objectsIn(value: unknown): Generator<object> {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return;
  yield value;
  for (const item of Object.values(value)) yield* objectsIn(item);
}
