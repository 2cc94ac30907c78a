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
  /** Weights that get no gradient; of any dtype, as the parts need them. */
  readonly frozen?: Weights;
  /**
   * What frozen weights are to the programs. "constants" (default): each block has its own two programs, with its
   * weights in them: fastest, above all on a GPU. "inputs": all blocks share two programs, which copy no weight: on
   * the CPU ONNX Runtime keeps several copies of a constant, rearranged for speed.
   */
  readonly frozenAs?: "constants" | "inputs";
}

/** Computes losses and gradients of a chain. */
export interface ChainGradients<B, L> {
  /**
   * What `last` gave, and a gradient for each weight.
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

interface BlockPrograms {
  readonly forward: CompiledFunction<[Weights, Tensor, Weights], Tensor>;
  readonly backward: CompiledFunction<[Tensor, Weights, Tensor, Weights], Moved>;
}

/** Gradients of a part's weights and of its input. */
interface Moved {
  readonly grads: Weights;
  readonly dx: Tensor;
}

/**
 * Prepares the programs of a chain. Blocks share one forward and one backward program; a block with frozen weights
 * that are constants has its own two.
 */
export function chainGradients<B, L extends { readonly loss: Tensor }>(
  chain: Chain<B, L>,
  options: ChainOptions,
): ChainGradients<B, L> {
  const { device, maxPrograms = 16, frozen = {}, frozenAs = "constants" } = options;
  const areInputs = frozenAs === "inputs";
  /** What a part is given of its frozen weights, and what it has of them in its programs. */
  const asInput = (frozen: Weights): Weights => (areInputs ? frozen : {});
  const asConstant = (frozen: Weights): Weights => (areInputs ? {} : frozen);
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
  const first = (weights: Weights, batch: B, given: Weights): Tensor =>
    chain.first({ ...asConstant(frozenFirst), ...given, ...weights }, batch);
  const firstForward = program(first, "first");
  const firstBackward = program(
    (dx: Tensor, weights: Weights, batch: B, given: Weights) =>
      pullback(first)(dx, weights, batch, given),
    "first, backward",
  );

  const frozenLast = ofLast(frozen);
  const last = ({ weights, x }: { weights: Weights; x: Tensor }, batch: B, given: Weights): L =>
    chain.last({ ...asConstant(frozenLast), ...given, ...weights }, x, batch);
  const lastForward = program(last, "last");
  const lastBoth = program(
    (params: { weights: Weights; x: Tensor }, batch: B, given: Weights) =>
      valueAndGradWithAux((p: typeof params) => {
        const losses = last(p, batch, given);
        return { loss: losses.loss, aux: losses };
      })(params),
    "last, backward",
  );

  function blockPrograms(part: Part): BlockPrograms {
    const block = ({ weights, x }: { weights: Weights; x: Tensor }, given: Weights): Tensor =>
      chain.block({ ...asConstant(part.frozen), ...given, ...weights }, x);
    return {
      forward: program(
        (weights: Weights, x: Tensor, given: Weights) => block({ weights, x }, given),
        part.name,
      ),
      backward: program((dy: Tensor, weights: Weights, x: Tensor, given: Weights) => {
        const { weights: grads, x: dx } = pullback(block)(dy, { weights, x }, given);
        return { grads, dx };
      }, `${part.name}, backward`),
    };
  }
  const sharedPrograms = blockPrograms({ name: "block", frozen: {}, own: (weights) => weights });
  const programsOf = blocks.map((part) =>
    Object.keys(asConstant(part.frozen)).length === 0 ? sharedPrograms : blockPrograms(part),
  );

  /** Fills `kept` with what each block gets and what the last part gets; or, unless all is kept, with the latter. */
  async function forward(
    weights: Weights,
    batch: B,
    { kept, keepAll }: { readonly kept: Tensor[]; readonly keepAll: boolean },
  ): Promise<void> {
    kept.push(await firstForward(ofFirst(weights), batch, asInput(frozenFirst)));
    for (const [i, part] of blocks.entries()) {
      const x = kept.at(-1) as Tensor;
      const { forward } = programsOf[i] as BlockPrograms;
      const y = await forward(part.own(weights), x, asInput(part.frozen));
      if (!keepAll) kept.pop()?.dispose();
      kept.push(y);
    }
  }

  const run: ChainGradients<B, L>["run"] = async (weights, batch, take) => {
    const all: Record<string, Tensor> = {};
    const hand = async (grads: Weights, losses: L, prefix = ""): Promise<void> => {
      const named = Object.fromEntries(Object.entries(grads).map(([n, g]) => [prefix + n, g]));
      if (take) await take(named, losses);
      else Object.assign(all, named);
    };
    const inputs: Tensor[] = [];
    let dy: Tensor | undefined;
    let losses: L | undefined;
    try {
      await forward(weights, batch, { kept: inputs, keepAll: true });
      const ends = { weights: ofLast(weights), x: inputs.at(-1) as Tensor };
      const end = await lastBoth(ends, batch, asInput(frozenLast));
      dy = end.grads.x;
      losses = end.aux;
      inputs.pop()?.dispose();
      end.value.dispose(); // Also in aux.
      await hand(end.grads.weights, end.aux);
      for (const [i, part] of [...blocks.entries()].reverse()) {
        const x = inputs.at(-1) as Tensor;
        const { backward } = programsOf[i] as BlockPrograms;
        const moved: Moved = await backward(dy, part.own(weights), x, asInput(part.frozen));
        dy.dispose();
        dy = moved.dx;
        inputs.pop()?.dispose();
        await hand(moved.grads, end.aux, `${part.name}.`);
      }
      const own = ofFirst(weights);
      if (Object.keys(own).length > 0)
        await hand(await firstBackward(dy, own, batch, asInput(frozenFirst)), end.aux);
      return { losses: end.aux, grads: all };
    } catch (error) {
      disposeTree([inputs, losses, all]);
      throw error;
    } finally {
      dy?.dispose();
    }
  };

  return {
    run,
    async measure(weights, batch) {
      const kept: Tensor[] = [];
      try {
        await forward(weights, batch, { kept, keepAll: false });
        const ends = { weights: ofLast(weights), x: kept[0] as Tensor };
        return await lastForward(ends, batch, asInput(frozenLast));
      } finally {
        disposeTree(kept);
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
