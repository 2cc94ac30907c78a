import { type StoredDType, storedDTypes } from "../stored-dtypes.js";
import {
  NumpyDType,
  type Pickled,
  PickledFunction,
  PickledStorage,
  PickledTensor,
} from "./pickled.js";

/** What a pickle asks for cannot be done; the reader of the file makes a CheckpointError of it. */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/** torch knows no tensor of more axes. */
const mostAxes = 64;

/** torch's names of storages by what they hold. */
const storages: Readonly<Record<string, StoredDType>> = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  LongStorage: "I64",
  IntStorage: "I32",
  BoolStorage: "BOOL",
  ByteStorage: "U8",
  CharStorage: "I8",
  DoubleStorage: "F64",
  BFloat16Storage: "BF16",
  ShortStorage: "I16",
};

const torchDTypes =
  "float float32 double float64 half float16 bfloat16 long int64 int int32 short int16 int8 uint8 bool";

/** What may be called, by Python's name; ours are plain data in, plain data out. */
const callables: Readonly<Record<string, (args: readonly Pickled[]) => Pickled>> = {
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_parameter": ([data]) => tensorIn(data),
  "torch._utils._rebuild_parameter_with_state": ([data]) => tensorIn(data),
  "torch.Size": ([sizes]) => numbersIn(sizes, "a size"),
  "torch.device": ([type, index]) =>
    index === undefined ? stringIn(type) : `${stringIn(type)}:${numbersIn([index], "a device")}`,
  "collections.OrderedDict": ([pairs = []]) => dictOf(pairs),
  "collections.Counter": ([counts = []]) => dictOf(counts),
  "collections.defaultdict": ([, pairs = []]) => dictOf(pairs),
  "builtins.set": ([items = []]) => [...listIn(items)],
  "builtins.frozenset": ([items = []]) => [...listIn(items)],
  "_codecs.encode": encodeLatin1,
  "numpy.dtype": ([code]) => new NumpyDType(stringIn(code)),
  "numpy.core.multiarray.scalar": numpyScalar,
  "numpy._core.multiarray.scalar": numpyScalar,
};

/** What may be mentioned: for a defaultdict, what it would make. */
const mentioned = "list dict int float str tuple bool".split(" ").map((name) => `builtins.${name}`);

const names: ReadonlyMap<string, PickledFunction> = new Map(
  [
    ...Object.entries(callables).map(([name, call]) => new PickledFunction(name, call)),
    ...mentioned.map((name) => new PickledFunction(name)),
    ...Object.entries(storages).map(
      ([name, dtype]) => new PickledFunction(`torch.${name}`, undefined, dtype),
    ),
  ].map((known) => [known.name, known]),
);

/**
 * What stands for a Python name in a pickle.
 *
 * @throws {PickleError} The name is not on the list; it is neither imported nor run.
 */
export function lookUp(module: string, name: string): Pickled {
  // Python 2 said __builtin__.
  const full = `${module === "__builtin__" ? "builtins" : module}.${name}`;
  const known = names.get(full);
  if (known) return known;
  if (module === "torch" && torchDTypes.split(" ").includes(name)) return full;
  if (module === "torch" && name.endsWith("Storage"))
    throw new PickleError(
      `has a ${full}, which cannot be held; convert it to one of ${Object.keys(storedDTypes).join(", ")}`,
    );
  throw new PickleError(
    `asks for ${JSON.stringify(full.slice(0, 200))}, which is not on the list of what checkpoints need; nothing was run. ` +
      "If you trust the file, load it in Python and save only its state_dict()",
  );
}

/** Arguments: storage, offset, size, stride, and then what only training needs. */
function rebuildTensor([storage, offset, size, stride]: readonly Pickled[]): PickledTensor {
  if (!(storage instanceof PickledStorage))
    throw new PickleError("has a tensor without a storage; it is damaged");
  const [start] = numbersIn([offset ?? null], "an offset") as [number];
  const shape = numbersIn(size, "a size");
  const strides = numbersIn(stride, "a stride");
  if (shape.length !== strides.length || shape.length > mostAxes)
    throw new PickleError(
      `has a tensor of ${shape.length} sizes and ${strides.length} strides; it is damaged`,
    );
  return new PickledTensor(storage, start, shape, strides);
}

function tensorIn(value: Pickled | undefined): PickledTensor {
  if (value instanceof PickledTensor) return value;
  throw new PickleError("has a parameter that is no tensor; it is damaged");
}

function numbersIn(value: Pickled | undefined, what: string): number[] {
  const list = listIn(value);
  for (const n of list)
    if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 0)
      throw new PickleError(
        `has ${what} of ${typeof n === "bigint" || typeof n === "number" ? n : typeof n}; expected whole numbers from 0`,
      );
  return list as number[];
}

function listIn(value: Pickled | undefined): readonly Pickled[] {
  if (Array.isArray(value)) return value;
  throw new PickleError("has something else where a list is expected; it is damaged");
}

function stringIn(value: Pickled | undefined): string {
  if (typeof value === "string") return value;
  throw new PickleError("has something else where a text is expected; it is damaged");
}

function dictOf(pairs: Pickled): Map<Pickled, Pickled> {
  if (pairs instanceof Map) return new Map(pairs);
  return new Map(listIn(pairs).map((pair) => listIn(pair).slice(0, 2) as [Pickled, Pickled]));
}

/** How Python 3 writes bytes for Python 2. */
function encodeLatin1([text, encoding]: readonly Pickled[]): Uint8Array {
  if (encoding !== "latin1" && encoding !== "latin-1")
    throw new PickleError("encodes text in another way than latin1; it is damaged");
  return Uint8Array.from(stringIn(text), (letter) => letter.charCodeAt(0));
}

/** Numbers such as a learning rate that numpy computed. */
function numpyScalar([dtype, data]: readonly Pickled[]): number | bigint | boolean {
  if (!(dtype instanceof NumpyDType) || !(data instanceof Uint8Array))
    throw new PickleError("has a numpy number without its bytes; it is damaged");
  const { code, littleEndian } = dtype;
  const read = numpyReaders[code];
  if (!Object.hasOwn(numpyReaders, code) || !read || data.length !== Number(code.slice(1)))
    throw new PickleError(
      `has a numpy number of kind ${JSON.stringify(code.slice(0, 20))}; save it as a Python number`,
    );
  return read(new DataView(data.buffer, data.byteOffset, data.length), littleEndian);
}

/** A number where it is exact, as JavaScript users expect. */
export function asInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

type NumpyReader = (view: DataView, littleEndian: boolean) => number | bigint | boolean;

const numpyReaders: Readonly<Record<string, NumpyReader>> = {
  f8: (view, littleEndian) => view.getFloat64(0, littleEndian),
  f4: (view, littleEndian) => view.getFloat32(0, littleEndian),
  i8: (view, littleEndian) => asInteger(view.getBigInt64(0, littleEndian)),
  i4: (view, littleEndian) => view.getInt32(0, littleEndian),
  b1: (view) => view.getUint8(0) !== 0,
};
