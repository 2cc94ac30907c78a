/** The sizes of a model by name, e.g. `{ layers: 30, modelDim: 1024 }`. */
export type Sizes = Readonly<Record<string, number>>;

/** A length that follows from one size: times · size + plus. */
export interface Multiple {
  readonly size: string;
  readonly times: number;
  readonly plus: number;
}

/** How long an axis is: always the same, a multiple of a size, or a formula of several sizes. */
export type Length = number | Multiple | ((sizes: Sizes) => number);

/** One tensor of a kind of model, at any size. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly Length[];
  /** Why a model may lack it; undefined for one that every model has. */
  readonly optional?: string;
}

/** A length that is a size. */
export function size(name: string): Multiple {
  return { size: name, times: 1, plus: 0 };
}

/** A multiple of a length that is a size. */
export function times(factor: number, length: Multiple): Multiple {
  return { ...length, times: factor * length.times };
}

/** A length that is a size and some more. */
export function plus(length: Multiple, more: number): Multiple {
  return { ...length, plus: length.plus + more };
}

/** A length at given sizes; NaN if one of them is not known. */
export function lengthAt(length: Length, sizes: Sizes): number {
  if (typeof length === "number") return length;
  if (typeof length === "function") return length(sizes);
  return length.times * (sizes[length.size] ?? Number.NaN) + length.plus;
}

type Specs = Generator<TensorSpec, void>;

/** A weight and the bias of its outputs. */
export function* layer(name: string, shape: readonly Length[], outputs: Length): Specs {
  yield { name: `${name}.weight`, shape };
  yield { name: `${name}.bias`, shape: [outputs] };
}

/** A layer norm or group norm. */
export function norm(name: string, width: Length): Specs {
  return layer(name, [width], width);
}

/** `torch.nn.Linear`: [out, in]. */
export function linear(name: string, from: Length, to: Length): Specs {
  return layer(name, [to, from], to);
}

/** `torch.nn.Conv1d`: [out, in, kernel]. */
export function conv(name: string, from: Length, to: Length, kernel: Length): Specs {
  return layer(name, [to, from, kernel], to);
}

/** A convolution under PyTorch's weight norm, or with the norm folded into its weight. */
export function* normedConv(
  name: string,
  shape: readonly [Length, Length, Length],
  options: { readonly outputs?: Length; readonly isFolded: boolean },
): Specs {
  const { outputs = shape[0], isFolded } = options;
  if (isFolded) yield { name: `${name}.weight`, shape };
  else {
    yield { name: `${name}.weight_g`, shape: [shape[0], 1, 1] };
    yield { name: `${name}.weight_v`, shape };
  }
  yield { name: `${name}.bias`, shape: [outputs] };
}

/** TorToiSe's attention over time, with relative positions where their number of heads is given. */
export function* attentionBlock(name: string, width: Multiple, relativeHeads?: Length): Specs {
  yield* norm(`${name}.norm`, width);
  yield* conv(`${name}.qkv`, width, times(3, width), 1);
  yield* conv(`${name}.proj_out`, width, width, 1);
  if (relativeHeads !== undefined)
    yield {
      name: `${name}.relative_pos_embeddings.relative_attention_bias.weight`,
      shape: [32, relativeHeads],
    };
}
