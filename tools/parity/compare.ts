import { isFloat, type Tensor, toNumbers, type Weights } from "@hawksbill/core";

/** How far ours may be from theirs. */
export type Limit =
  | { readonly kind: "exact" }
  | { readonly kind: "relative"; readonly atMost: number }
  | { readonly kind: "absolute"; readonly atMost: number; readonly unit: string };

/** One tensor compared. */
export interface Row {
  /** The tensor's name in the file, and behind a space how we made ours, where there are several ways. */
  readonly name: string;
  /** ‖ours − theirs‖ / ‖theirs‖; Infinity where they cannot be compared. */
  readonly relative: number;
  /** The largest |ours − theirs|. */
  readonly largest: number;
  readonly limit: Limit;
  /** Why they cannot be compared, or where they begin to differ. */
  readonly problem?: string;
}

const exact: Limit = { kind: "exact" };
const outputs: Limit = { kind: "relative", atMost: 1e-4 };
/** Gradients are sums of many more terms. */
const gradients: Limit = { kind: "relative", atMost: 1e-3 };

/** What is given rather than computed. */
const given = /^(weights|inputs|init)[._]/;

/** Whether a row is within its limit. */
export function passes({ relative, largest, limit, problem }: Row): boolean {
  if (problem !== undefined) return false;
  if (limit.kind === "exact") return largest === 0;
  return (limit.kind === "relative" ? relative : largest) <= limit.atMost;
}

/**
 * Compares every computed tensor of a file with ours; one that we did not compute is a row that fails.
 *
 * @param ours By the file's names; "outputs.codes with cache" is a further version of "outputs.codes".
 * @param limitOf Limits of other kinds than usual: integers exact, gradients 1e-3, all else 1e-4, relative.
 */
export function compareTensors(
  theirs: Weights,
  ours: Weights,
  limitOf: (name: string) => Limit | undefined = () => undefined,
): Row[] {
  return Object.entries(theirs)
    .filter(([name]) => !given.test(name))
    .flatMap(([name, wanted]) => {
      const limit = limitOf(name) ?? usualLimit(name, wanted);
      const versions = Object.keys(ours).filter((key) => key.split(" ")[0] === name);
      if (versions.length === 0) return [failure(name, limit, "the tool does not compute it")];
      return versions.map((key) => compareTensor(key, ours[key] as Tensor, wanted, limit));
    });
}

/** A row for what could not be compared. */
function failure(name: string, limit: Limit, problem: string): Row {
  return { name, relative: Infinity, largest: Infinity, limit, problem };
}

function usualLimit(name: string, wanted: Tensor): Limit {
  if (!isFloat(wanted.dtype)) return exact;
  return name.startsWith("grads.") ? gradients : outputs;
}

function compareTensor(name: string, ours: Tensor, theirs: Tensor, limit: Limit): Row {
  if (ours.shape.join() !== theirs.shape.join())
    return failure(name, limit, `ours is [${ours.shape}], theirs [${theirs.shape}]`);
  const [a, b] = [numbersOf(ours), numbersOf(theirs)];
  let [differences, squares, largest, firstOther] = [0, 0, 0, -1];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    const difference = distance(x, y);
    differences += difference ** 2;
    if (Number.isFinite(y)) squares += y ** 2;
    if (difference > largest) largest = difference;
    if (difference !== 0 && firstOther < 0) firstOther = i;
  }
  const root = Math.sqrt(differences);
  // Of a tensor of zeros, the difference itself.
  const relative = squares > 0 ? root / Math.sqrt(squares) : root;
  const row = { name, relative, largest, limit };
  if (limit.kind !== "exact" || firstOther < 0) return row;
  return {
    ...row,
    problem: `at ${firstOther} of ${b.length} ours is ${a[firstOther]}, theirs ${b[firstOther]}`,
  };
}

/** Removed codes are at -Infinity in both; NaN is as wrong as can be. */
function distance(x: number, y: number): number {
  const difference = x === y ? 0 : Math.abs(x - y);
  return Number.isNaN(difference) ? Infinity : difference;
}

/** The elements of a tensor on the host. */
export function numbersOf(x: Tensor): ArrayLike<number> {
  return toNumbers(x.dataSync(), x.dtype);
}
