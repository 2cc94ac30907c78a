import { quoted } from "../checkpoint-error.js";
import { PickleBytes } from "./pickle-bytes.js";
import { PickleStack } from "./pickle-stack.js";
import { NumpyDType, type Pickled, PickledFunction, PickledStorage } from "./pickled.js";
import { lookUp, PickleError } from "./python-names.js";

const costs = { instruction: 40, container: 200, item: 24, memo: 96 };

/** What is read and what is made of it. */
interface Reading {
  readonly bytes: PickleBytes;
  readonly stack: PickleStack;
  readonly storages: Map<string, PickledStorage>;
}

/**
 * Reads Python pickles of protocols 2 to 5 as plain data: nothing is imported and nothing is run.
 *
 * @see https://github.com/python/cpython/blob/3.13/Lib/pickletools.py, which describes every instruction.
 */
export class Unpickler {
  readonly #bytes: PickleBytes;
  /** Those that the pickles refer to, by their keys. */
  readonly storages = new Map<string, PickledStorage>();

  /** @param position Where the next pickle begins in the bytes. */
  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = new PickleBytes(bytes, position);
  }

  /** Where the next pickle begins. */
  get position(): number {
    return this.#bytes.position;
  }

  /**
   * Reads one pickle, and leaves the position behind it.
   *
   * @throws {PickleEndError} The bytes end too early.
   * @throws {PickleError} The pickle is damaged, asks for something that is not on the list, or takes too much.
   */
  next(): Pickled {
    const bytes = this.#bytes;
    const stack = new PickleStack();
    const reading = { bytes, stack, storages: this.storages };
    for (;;) {
      const at = bytes.position;
      bytes.spend(costs.instruction);
      const code = bytes.uint(1);
      if (code === 0x2e) return stack.pop(); // STOP
      const value = values[code];
      const instruction = instructions[code];
      if (value) stack.push(value(bytes));
      else if (instruction) instruction(reading);
      else
        throw new PickleError(
          `has the instruction ${unsupported[code] ?? `0x${code.toString(16)}`} at byte ${at}, which torch does not write; it is damaged or made to deceive`,
        );
    }
  }
}

/** Instructions that put a value on the stack. */
const values: Readonly<Record<number, (bytes: PickleBytes) => Pickled>> = {
  78: () => null, // NONE
  136: () => true, // NEWTRUE
  137: () => false, // NEWFALSE
  74: (bytes) => bytes.int32(), // BININT
  75: (bytes) => bytes.uint(1), // BININT1
  77: (bytes) => bytes.uint(2), // BININT2
  138: (bytes) => bytes.integer(bytes.uint(1)), // LONG1
  139: (bytes) => bytes.integer(bytes.uint(4)), // LONG4
  71: (bytes) => bytes.float64(), // BINFLOAT
  85: (bytes) => bytes.text(bytes.uint(1)), // SHORT_BINSTRING, a text of Python 2
  84: (bytes) => bytes.text(bytes.uint(4)), // BINSTRING, a text of Python 2
  140: (bytes) => bytes.text(bytes.uint(1)), // SHORT_BINUNICODE
  88: (bytes) => bytes.text(bytes.uint(4)), // BINUNICODE
  141: (bytes) => bytes.text(bytes.uint(8)), // BINUNICODE8
  67: (bytes) => bytes.data(bytes.uint(1)), // SHORT_BINBYTES
  66: (bytes) => bytes.data(bytes.uint(4)), // BINBYTES
  142: (bytes) => bytes.data(bytes.uint(8)), // BINBYTES8
  150: (bytes) => bytes.data(bytes.uint(8)), // BYTEARRAY8
  99: (bytes) => lookUp(bytes.line(), bytes.line()), // GLOBAL
};

/** Instructions that build from what is on the stack. */
const instructions: Readonly<Record<number, (reading: Reading) => void>> = {
  128: ({ bytes }) => requireProtocol(bytes.uint(1)), // PROTO
  149: ({ bytes }) => bytes.skip(8), // FRAME, a hint of how much to read at once
  40: ({ stack }) => stack.mark(), // MARK
  48: ({ stack }) => stack.drop(), // POP
  49: ({ stack }) => stack.popGroup(), // POP_MARK
  104: ({ bytes, stack }) => stack.push(stack.recall(bytes.uint(1))), // BINGET
  106: ({ bytes, stack }) => stack.push(stack.recall(bytes.uint(4))), // LONG_BINGET
  113: (reading) => remember(reading, reading.bytes.uint(1)), // BINPUT
  114: (reading) => remember(reading, reading.bytes.uint(4)), // LONG_BINPUT
  148: (reading) => remember(reading), // MEMOIZE
  41: (reading) => pushContainer(reading, []), // EMPTY_TUPLE
  93: (reading) => pushContainer(reading, []), // EMPTY_LIST
  143: (reading) => pushContainer(reading, []), // EMPTY_SET
  125: (reading) => pushContainer(reading, new Map()), // EMPTY_DICT
  133: (reading) => pushContainer(reading, reading.stack.popMany(1)), // TUPLE1
  134: (reading) => pushContainer(reading, reading.stack.popMany(2)), // TUPLE2
  135: (reading) => pushContainer(reading, reading.stack.popMany(3)), // TUPLE3
  116: (reading) => pushContainer(reading, reading.stack.popGroup()), // TUPLE
  145: (reading) => pushContainer(reading, reading.stack.popGroup()), // FROZENSET
  97: ({ stack }) => append(stack, stack.popMany(1)), // APPEND
  101: ({ stack }) => append(stack, stack.popGroup()), // APPENDS
  144: ({ stack }) => append(stack, stack.popGroup()), // ADDITEMS
  115: (reading) => setItems(reading, reading.stack.popMany(2)), // SETITEM
  117: (reading) => setItems(reading, reading.stack.popGroup()), // SETITEMS
  147: pushGlobal, // STACK_GLOBAL
  81: pushStorage, // BINPERSID
  82: call, // REDUCE
  129: call, // NEWOBJ
  98: build, // BUILD
};

/** The names of others, for messages. */
const unsupported: Readonly<Record<number, string>> = {
  105: "INST",
  111: "OBJ",
  130: "EXT1",
  131: "EXT2",
  132: "EXT4",
  146: "NEWOBJ_EX",
  151: "NEXT_BUFFER",
  152: "READONLY_BUFFER",
};

function requireProtocol(version: number): void {
  if (version < 2 || version > 5)
    throw new PickleError(`is of pickle protocol ${version}; expected 2 to 5`);
}

function remember({ bytes, stack }: Reading, index?: number): void {
  bytes.spend(costs.memo);
  stack.remember(index);
}

function pushContainer({ bytes, stack }: Reading, value: Pickled): void {
  bytes.spend(costs.container);
  stack.push(value);
}

function append(stack: PickleStack, items: readonly Pickled[]): void {
  const list = stack.top;
  if (!Array.isArray(list)) throw new PickleError("appends to no list; it is damaged");
  for (const item of items) list.push(item);
}

function setItems({ bytes, stack }: Reading, items: readonly Pickled[]): void {
  const dict = stack.top;
  if (!(dict instanceof Map) || items.length % 2 !== 0)
    throw new PickleError("sets items of no dict; it is damaged");
  bytes.spend(items.length * costs.item);
  for (let i = 0; i < items.length; i += 2) dict.set(items[i] as Pickled, items[i + 1] as Pickled);
}

function pushGlobal({ stack }: Reading): void {
  const [module, name] = stack.popMany(2);
  if (typeof module !== "string" || typeof name !== "string")
    throw new PickleError("asks for a name that is no text; it is damaged");
  stack.push(lookUp(module, name));
}

/** A storage as torch names it: ("storage", its type, its key, its device, its length); legacy: and a view. */
function pushStorage({ bytes, stack, storages }: Reading): void {
  const id = stack.pop();
  const [kind, type, key, , length, view = null] = Array.isArray(id) ? id : [];
  if (
    kind !== "storage" ||
    !(type instanceof PickledFunction) ||
    !type.storageDType ||
    typeof key !== "string" ||
    typeof length !== "number" ||
    !Number.isSafeInteger(length) ||
    length < 0
  )
    throw new PickleError("refers to something else than a torch storage; it is damaged");
  if (view !== null)
    throw new PickleError(
      "has a view of a storage, as torch before 0.4 wrote; load and save it again with a newer torch",
    );
  const known = storages.get(key);
  if (known && (known.dtype !== type.storageDType || known.length !== length))
    throw new PickleError(`has storage ${quoted(key)} in two kinds; it is damaged`);
  if (!known) bytes.spend(costs.container);
  const storage = known ?? new PickledStorage(key, type.storageDType, length);
  storages.set(key, storage);
  stack.push(storage);
}

function call({ bytes, stack }: Reading): void {
  const [callee, args] = stack.popMany(2);
  if (!(callee instanceof PickledFunction) || !callee.call)
    throw new PickleError(
      `calls ${callee instanceof PickledFunction ? callee.name : "something that is no function"}, which no checkpoint does; nothing was run`,
    );
  if (!Array.isArray(args)) throw new PickleError("calls without arguments; it is damaged");
  // A function may copy what it is given, and be called again and again with the same.
  for (const arg of args) bytes.spend(sizeOf(arg) * costs.item);
  bytes.spend(costs.container);
  stack.push(callee.call(args));
}

function sizeOf(value: Pickled): number {
  if (Array.isArray(value) || typeof value === "string") return value.length;
  return value instanceof Map ? value.size : 1;
}

/** Attributes of an object: of a dict they are no weights, and only numpy's dtype has one that counts. */
function build({ stack }: Reading): void {
  const state = stack.pop();
  const object = stack.top;
  if (object instanceof Map) return;
  if (!(object instanceof NumpyDType) || !Array.isArray(state))
    throw new PickleError("sets attributes of something that has none; it is damaged");
  object.littleEndian = state[1] !== ">";
}
