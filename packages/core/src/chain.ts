import { type CompiledFunction, type CompileOptions, compile } from "./compile.js";
import { valueAndGradWithAux } from "./grad.js";
import { forwardBackward } from "./residuals.js";
import type { Tensor } from "./tensor.js";
import { bytesOf } from "./traffic.js";
import { disposeTree, subtree, treeTensors, type Weights } from "./tree.js";

/**
 * A loss as a chain of parts: first, a number of equal blocks, last. Each is a program of its own, so that
 * big models are made of small programs, which need little memory.
 */
export interface Chain<B, L extends { readonly loss: Tensor }> {
  /** From the batch to what the first block gets. */
  readonly first: (weights: Weights, batch: B) => Tensor;
  /** Names of the blocks, each the start of its weights' names, e.g. "gpt.h.0". */
  readonly blocks: readonly string[];
  /** @param weights The block's own, named without the block. @returns A tensor like `x`. */
  readonly block: (weights: Weights, x: Tensor) => Tensor;
  /** From what the last block gives to the loss and whatever else is to be known. */
  readonly last: (weights: Weights, x: Tensor, batch: B) => L;
  /** Whether a weight outside the blocks is `first`'s, by name; the others are `last`'s. */
  readonly isFirst: (name: string) => boolean;
}

export interface ChainOptions extends Pick<CompileOptions, "device" | "maxPrograms"> {
  /** Weights that get no gradient; of any dtype, as the parts need them. */
  readonly frozen?: Weights;
  /**
   * What frozen weights are to the programs. "constants" (default): each block has its own two programs, with its
   * weights in them: fastest, above all on a GPU. "inputs": all blocks share two programs, which copy no weight: on
   * the CPU ONNX Runtime keeps several copies of a constant, rearranged for speed.
   */
  readonly frozenAs?: "constants" | "inputs";
  /**
   * Bytes of inner values that may be kept from the forward to the backward pass, besides what goes from block to
   * block; parts that find no more room compute theirs again, for a third more time. How many a part has is known once it
   * has run: until then it is kept while there is any room. Default 0.5 GB.
   */
  readonly keptBytes?: number;
}

/** Computes losses and gradients of a chain. */
export interface ChainGradients<B, L> {
  /**
   * What `last` gave, and a gradient for each weight: on the device if all weights are there, else on the host. What goes
   * from block to block stays on a device that keeps results.
   *
   * @param take Gets the gradients of each part as soon as they are there, the last part's first, and is to dispose of
   *   them: those of the whole model then never live at once, and none are returned. It may change the weights that
   *   they are of.
   */
  run(
    weights: Weights,
    batch: B,
    take?: (grads: Weights, losses: L) => void | Promise<void>,
  ): Promise<{ readonly losses: L; readonly grads: Weights }>;
  /** What `last` gave, without gradients. */
  measure(weights: Weights, batch: B): Promise<L>;
  release(): Promise<void>;
}

/** A block: its name, its frozen weights, and how to find its own among the trained ones. */
interface Part {
  readonly name: string;
  readonly frozen: Weights;
  own(weights: Weights): Weights;
}

/** A part's programs; `A` is what it is given besides what it gets gradients for. */
interface PartPrograms<P, A extends unknown[]> {
  readonly forward: CompiledFunction<[P, ...A], Tensor>;
  /** Forward, and what `backward` needs of it. */
  readonly forwardWithResiduals: CompiledFunction<
    [P, ...A],
    { readonly y: Tensor; readonly residuals: readonly Tensor[] }
  >;
  /** Bytes of the residuals when they were last there. */
  residualBytes: number;
  /** From residuals, or, without, by computing the part again. */
  readonly backward: ByPlace<[dy: Tensor, residuals: readonly Tensor[] | undefined, P, ...A], P>;
}

/** A program twice: with its gradients of weights on the host, and with them on the device. */
type ByPlace<A extends unknown[], R> = Readonly<Record<"host" | "device", CompiledFunction<A, R>>>;

/** What the first part gets gradients for. */
type Own = { readonly weights: Weights };

/** What a block or the last part gets gradients for. */
type Given = Own & { readonly x: Tensor };

/**
 * Prepares the programs of a chain. Blocks share one forward and one backward program; a block with frozen weights
 * that are constants has its own two.
 */
export function chainGradients<B, L extends { readonly loss: Tensor }>(
  chain: Chain<B, L>,
  options: ChainOptions,
): ChainGradients<B, L> {
  const {
    device,
    maxPrograms = 16,
    frozen = {},
    frozenAs = "constants",
    keptBytes = 0.5e9,
  } = options;
  const areInputs = frozenAs === "inputs";
  /** What a part is given of its frozen weights, and what it has of them in its programs. */
  const asInput = (frozen: Weights): Weights => (areInputs ? frozen : {});
  const asConstant = (frozen: Weights): Weights => (areInputs ? {} : frozen);
  const compiled: { release(): Promise<void> }[] = [];
  const program = <A extends unknown[], R>(
    fn: (...args: A) => R,
    name: string,
    more: Pick<CompileOptions, "maxPrograms" | "keepOnDevice"> = {},
  ): CompiledFunction<A, R> => {
    const made = compile(fn, { device, maxPrograms, name, ...more });
    compiled.push(made);
    return made;
  };
  /** @param fn Returns gradients as `x` and `weights`, or those as `grads`. */
  const byPlace = <A extends unknown[], R>(
    fn: (...args: A) => R,
    name: string,
    more: Pick<CompileOptions, "maxPrograms"> = {},
  ): ByPlace<A, R> => {
    const keeping = (kept: RegExp): CompiledFunction<A, R> =>
      program(fn, name, { ...more, keepOnDevice: (path) => kept.test(path) });
    return {
      host: keeping(/^(grads\.)?x$/),
      device: keeping(/^(grads\.)?(x$|weights\.)/),
    };
  };
  const partPrograms = <P extends Own, A extends unknown[]>(
    fn: (params: P, ...rest: A) => Tensor,
    name: string,
  ): PartPrograms<P, A> => {
    const { forward, backward } = forwardBackward(fn);
    return {
      forward: program(fn, name, { keepOnDevice: true }),
      forwardWithResiduals: program(forward, `${name}, with residuals`, { keepOnDevice: true }),
      residualBytes: 0,
      // One with residuals and one without, for each form of batch.
      backward: byPlace(backward, `${name}, backward`, { maxPrograms: 2 * maxPrograms }),
    };
  };

  const inBlock = (name: string): boolean => chain.blocks.some((b) => name.startsWith(`${b}.`));
  const outside = (wanted: boolean) => (weights: Weights) =>
    keep(weights, (name) => !inBlock(name) && chain.isFirst(name) === wanted);
  const ofFirst = outside(true);
  const ofLast = outside(false);
  const blocks = chain.blocks.map(
    (name): Part => ({
      name,
      frozen: subtree(frozen, name),
      own: (weights) => subtree(weights, name),
    }),
  );

  const frozenFirst = ofFirst(frozen);
  const first = partPrograms(
    ({ weights }: Own, batch: B, given: Weights) =>
      chain.first({ ...asConstant(frozenFirst), ...given, ...weights }, batch),
    "first",
  );

  const frozenLast = ofLast(frozen);
  const last = ({ weights, x }: Given, batch: B, given: Weights): L =>
    chain.last({ ...asConstant(frozenLast), ...given, ...weights }, x, batch);
  const lastForward = program(last, "last");
  const lastBoth = byPlace(
    (params: Given, batch: B, given: Weights) =>
      valueAndGradWithAux((p: Given) => {
        const losses = last(p, batch, given);
        return { loss: losses.loss, aux: losses };
      })(params),
    "last, backward",
  );

  const blockPrograms = (part: Part): PartPrograms<Given, [Weights]> =>
    partPrograms(
      ({ weights, x }: Given, given: Weights) =>
        chain.block({ ...asConstant(part.frozen), ...given, ...weights }, x),
      part.name,
    );
  const sharedPrograms = blockPrograms({ name: "block", frozen: {}, own: (weights) => weights });
  const programsOf = blocks.map((part) =>
    Object.keys(asConstant(part.frozen)).length === 0 ? sharedPrograms : blockPrograms(part),
  );

  const run: ChainGradients<B, L>["run"] = async (weights, batch, take) => {
    const all: Record<string, Tensor> = {};
    const hand = async (grads: Weights, losses: L, prefix = ""): Promise<void> => {
      const named = Object.fromEntries(Object.entries(grads).map(([n, g]) => [prefix + n, g]));
      if (take) await take(named, losses);
      else Object.assign(all, named);
    };
    const place = treeTensors(weights).every((x) => x.place === "device") ? "device" : "host";
    let room = keptBytes;
    /** A part forwards; with residuals while there is room. */
    async function forward<P extends Own, A extends unknown[]>(
      part: PartPrograms<P, A>,
      ...args: [P, ...A]
    ): Promise<{ readonly y: Tensor; readonly residuals?: readonly Tensor[] }> {
      if (room <= 0 || room < part.residualBytes) return { y: await part.forward(...args) };
      const made = await part.forwardWithResiduals(...args);
      part.residualBytes = made.residuals.reduce((sum, x) => sum + bytesOf(x), 0);
      room -= part.residualBytes;
      return made;
    }
    const live: unknown[] = [all];
    try {
      const ownOfFirst = { weights: ofFirst(weights) };
      const begun = await forward(first, ownOfFirst, batch, asInput(frozenFirst));
      live.push(begun);
      const made: { given: Given; residuals?: readonly Tensor[] }[] = [];
      let x = begun.y;
      for (const [i, part] of blocks.entries()) {
        const given = { weights: part.own(weights), x };
        const { y, residuals } = await forward(
          programsOf[i] as PartPrograms<Given, [Weights]>,
          given,
          asInput(part.frozen),
        );
        made.push({ given, ...(residuals && { residuals }) });
        live.push(y, residuals);
        x = y;
      }
      const end = await lastBoth[place](
        { weights: ofLast(weights), x },
        batch,
        asInput(frozenLast),
      );
      x.dispose();
      end.value.dispose(); // Also in aux.
      live.push(end.aux, end.grads.x);
      await hand(end.grads.weights, end.aux);
      let dy = end.grads.x;
      for (const [i, part] of [...blocks.entries()].reverse()) {
        const { given, residuals } = made.pop() as (typeof made)[number];
        const { backward } = programsOf[i] as PartPrograms<Given, [Weights]>;
        const grads = await backward[place](dy, residuals, given, asInput(part.frozen));
        disposeTree([dy, given.x, residuals]);
        dy = grads.x;
        live.push(dy);
        await hand(grads.weights, end.aux, `${part.name}.`);
      }
      if (Object.keys(ownOfFirst.weights).length > 0) {
        const backward = first.backward[place];
        const frozen = asInput(frozenFirst);
        const grads = await backward(dy, begun.residuals, ownOfFirst, batch, frozen);
        await hand(grads.weights, end.aux);
      }
      disposeTree([dy, begun.residuals]);
      return { losses: end.aux, grads: all };
    } catch (error) {
      disposeTree(live);
      throw error;
    }
  };

  return {
    run,
    async measure(weights, batch) {
      let x = await first.forward({ weights: ofFirst(weights) }, batch, asInput(frozenFirst));
      try {
        for (const [i, part] of blocks.entries()) {
          const { forward } = programsOf[i] as PartPrograms<Given, [Weights]>;
          const y = await forward({ weights: part.own(weights), x }, asInput(part.frozen));
          x.dispose();
          x = y;
        }
        return await lastForward({ weights: ofLast(weights), x }, batch, asInput(frozenLast));
      } finally {
        x.dispose();
      }
    },
    async release() {
      await Promise.all(compiled.map((one) => one.release()));
    },
  };
}

function keep(weights: Weights, wanted: (name: string) => boolean): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => wanted(name)));
}
