import { type CompiledFunction, type CompileOptions, compile } from "./compile.js";
import { pullback, valueAndGradWithAux } from "./grad.js";
import type { Tensor } from "./tensor.js";
import { disposeTree, subtree, type Weights } from "./tree.js";

/**
 * A loss as a chain of parts: first, a number of equal blocks, last. Each is a program of its own, so that
 * big models are made of small programs, and only what goes from one block to the next is kept for the
 * backward pass: each block computes its inner values again there.
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
  /** Weights that get no gradient: constants of the programs, mapped from their file where they lie in one. */
  readonly frozen?: Weights;
  /**
   * Gets the gradients of each part as soon as they are there, the last part's first, and disposes of them: those of
   * the whole model then never live at once. By default they are all returned.
   */
  readonly onGradients?: (grads: Weights) => void | Promise<void>;
}

/** Computes losses and gradients of a chain. */
export interface ChainGradients<B, L> {
  /** What `last` gave, and a gradient for each weight (none with `onGradients`). */
  run(weights: Weights, batch: B): Promise<{ readonly losses: L; readonly grads: Weights }>;
  /** What `last` gave, without gradients. */
  measure(weights: Weights, batch: B): Promise<L>;
  release(): Promise<void>;
}

/** A part of the chain: the weights it takes, and the same without the block's name. */
interface Part {
  readonly name: string;
  readonly frozen: Weights;
  own(weights: Weights): Weights;
}

interface BlockPrograms {
  readonly forward: CompiledFunction<[Weights, Tensor], Tensor>;
  readonly backward: CompiledFunction<[Tensor, Weights, Tensor], Moved>;
}

/** Gradients of a part's weights and of its input. */
interface Moved {
  readonly grads: Weights;
  readonly dx: Tensor;
}

/**
 * Prepares the programs of a chain. Blocks without frozen weights share one forward and one backward program;
 * a block with frozen weights has its own two.
 */
export function chainGradients<B, L extends { readonly loss: Tensor }>(
  chain: Chain<B, L>,
  options: ChainOptions,
): ChainGradients<B, L> {
  const { device, maxPrograms = 16, frozen = {}, onGradients } = options;
  const compiled: { release(): Promise<void> }[] = [];
  const program = <A extends unknown[], R>(
    fn: (...args: A) => R,
    name: string,
  ): CompiledFunction<A, R> => {
    const made = compile(fn, { device, maxPrograms, name });
    compiled.push(made);
    return made;
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
  const first = (weights: Weights, batch: B): Tensor =>
    chain.first({ ...frozenFirst, ...weights }, batch);
  const firstForward = program(first, "first");
  const firstBackward = program(
    (dx: Tensor, weights: Weights, batch: B) => pullback(first)(dx, weights, batch),
    "first, backward",
  );

  const frozenLast = ofLast(frozen);
  const last = ({ weights, x }: { weights: Weights; x: Tensor }, batch: B): L =>
    chain.last({ ...frozenLast, ...weights }, x, batch);
  const lastForward = program(last, "last");
  const lastBoth = program(
    (params: { weights: Weights; x: Tensor }, batch: B) =>
      valueAndGradWithAux((p: typeof params) => {
        const losses = last(p, batch);
        return { loss: losses.loss, aux: losses };
      })(params),
    "last, backward",
  );

  function blockPrograms(part: Part): BlockPrograms {
    const block = ({ weights, x }: { weights: Weights; x: Tensor }): Tensor =>
      chain.block({ ...part.frozen, ...weights }, x);
    return {
      forward: program((weights: Weights, x: Tensor) => block({ weights, x }), part.name),
      backward: program((dy: Tensor, weights: Weights, x: Tensor) => {
        const { weights: grads, x: dx } = pullback(block)(dy, { weights, x });
        return { grads, dx };
      }, `${part.name}, backward`),
    };
  }
  const sharedPrograms = blockPrograms({ name: "block", frozen: {}, own: (weights) => weights });
  const programsOf = blocks.map((part) =>
    Object.keys(part.frozen).length === 0 ? sharedPrograms : blockPrograms(part),
  );

  /** What each block gets, and what the last part gets. */
  async function forward(weights: Weights, batch: B, keepAll: boolean): Promise<Tensor[]> {
    const kept = [await firstForward(ofFirst(weights), batch)];
    for (const [i, part] of blocks.entries()) {
      const x = kept.at(-1) as Tensor;
      const y = await (programsOf[i] as BlockPrograms).forward(part.own(weights), x);
      if (!keepAll) (kept.pop() as Tensor).dispose();
      kept.push(y);
    }
    return kept;
  }

  async function run(weights: Weights, batch: B): Promise<{ losses: L; grads: Weights }> {
    const all: Record<string, Tensor> = {};
    const hand = async (grads: Weights, prefix = ""): Promise<void> => {
      const named = Object.fromEntries(Object.entries(grads).map(([n, g]) => [prefix + n, g]));
      if (onGradients) await onGradients(named);
      else Object.assign(all, named);
    };
    const inputs = await forward(weights, batch, true);
    try {
      const x = inputs.pop() as Tensor;
      const end = await lastBoth({ weights: ofLast(weights), x }, batch);
      x.dispose();
      end.value.dispose(); // Also in aux.
      await hand(end.grads.weights);
      let dy = end.grads.x;
      for (const [i, part] of [...blocks.entries()].reverse()) {
        const x = inputs.pop() as Tensor;
        const { backward } = programsOf[i] as BlockPrograms;
        const { grads, dx } = await backward(dy, part.own(weights), x);
        dy.dispose();
        x.dispose();
        dy = dx;
        await hand(grads, `${part.name}.`);
      }
      const own = ofFirst(weights);
      if (Object.keys(own).length > 0) await hand(await firstBackward(dy, own, batch));
      dy.dispose();
      return { losses: end.aux, grads: all };
    } catch (error) {
      disposeTree([inputs, all]);
      throw error;
    }
  }

  return {
    run,
    async measure(weights, batch) {
      const [x] = (await forward(weights, batch, false)) as [Tensor];
      const losses = await lastForward({ weights: ofLast(weights), x }, batch);
      x.dispose();
      return losses;
    },
    async release() {
      await Promise.all(compiled.map((one) => one.release()));
    },
  };
}

function keep(weights: Weights, wanted: (name: string) => boolean): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => wanted(name)));
}
