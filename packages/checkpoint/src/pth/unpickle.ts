import { quoted } from "../checkpoint-error.js";
import { PickleBytes } from "./pickle-bytes.js";
import { NumpyDType, type Pickled, PickledFunction, PickledStorage } from "./pickled.js";
import { lookUp, PickleError } from "./python-names.js";

const costs = { instruction: 40, container: 200, item: 24, memo: 96 };

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

/**
 * Reads Python pickles of protocols 2 to 5 as plain data: nothing is imported and nothing is run.
 *
 * @see https://github.com/python/cpython/blob/3.13/Lib/pickletools.py, which describes every instruction.
 */
export class Unpickler {
  readonly #bytes: PickleBytes;
  #stack: Pickled[] = [];
  /** Where on the stack each open group begins. */
  #marks: number[] = [];
  #memo = new Map<number, Pickled>();
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
    this.#stack = [];
    this.#marks = [];
    this.#memo = new Map();
    for (;;) {
      const at = this.#bytes.position;
      this.#bytes.spend(costs.instruction);
      const code = this.#bytes.uint(1);
      if (code === 0x2e) return this.#pop(); // STOP
      if (!this.#value(code) && !this.#structure(code))
        throw new PickleError(
          `has the instruction ${unsupported[code] ?? `0x${code.toString(16)}`} at byte ${at}, which torch does not write; it is damaged or made to deceive`,
        );
    }
  }

  /** Instructions that put a value on the stack. */
  #value(code: number): boolean {
    switch (code) {
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#bytes.int32());
      case 0x4b: // BININT1
        return this.#push(this.#bytes.uint(1));
      case 0x4d: // BININT2
        return this.#push(this.#bytes.uint(2));
      case 0x8a: // LONG1
        return this.#push(this.#bytes.integer(this.#bytes.uint(1)));
      case 0x8b: // LONG4
        return this.#push(this.#bytes.integer(this.#bytes.uint(4)));
      case 0x47: // BINFLOAT
        return this.#push(this.#bytes.float64());
      case 0x55: // SHORT_BINSTRING, a text of Python 2
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#bytes.text(this.#bytes.uint(1)));
      case 0x54: // BINSTRING, a text of Python 2
      case 0x58: // BINUNICODE
        return this.#push(this.#bytes.text(this.#bytes.uint(4)));
      case 0x8d: // BINUNICODE8
        return this.#push(this.#bytes.text(this.#bytes.uint(8)));
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#bytes.data(this.#bytes.uint(1)));
      case 0x42: // BINBYTES
        return this.#push(this.#bytes.data(this.#bytes.uint(4)));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#push(this.#bytes.data(this.#bytes.uint(8)));
      case 0x63: // GLOBAL
        return this.#push(lookUp(this.#bytes.line(), this.#bytes.line()));
      case 0x68: // BINGET
        return this.#push(this.#recall(this.#bytes.uint(1)));
      case 0x6a: // LONG_BINGET
        return this.#push(this.#recall(this.#bytes.uint(4)));
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET
        return this.#pushContainer([]);
      case 0x7d: // EMPTY_DICT
        return this.#pushContainer(new Map());
      default:
        return false;
    }
  }

  /** Instructions that build from what is on the stack. */
  #structure(code: number): boolean {
    switch (code) {
      case 0x80: // PROTO
        return this.#protocol(this.#bytes.uint(1));
      case 0x95: // FRAME, a hint of how much to read at once
        this.#bytes.skip(8);
        return true;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return true;
      case 0x30: // POP
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop();
        return true;
      case 0x31: // POP_MARK
        this.#group();
        return true;
      case 0x71: // BINPUT
        return this.#remember(this.#bytes.uint(1));
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#bytes.uint(4));
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x74: // TUPLE
      case 0x91: // FROZENSET
        return this.#pushContainer(this.#group());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#pushContainer(this.#popMany(code - 0x84));
      case 0x61: // APPEND
        return this.#append(this.#popMany(1));
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return this.#append(this.#group());
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#group());
      case 0x93: // STACK_GLOBAL
        return this.#stackGlobal();
      case 0x51: // BINPERSID
        return this.#push(this.#storage(this.#pop()));
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        return this.#call();
      case 0x62: // BUILD
        return this.#build();
      default:
        return false;
    }
  }

  #protocol(version: number): boolean {
    if (version >= 2 && version <= 5) return true;
    throw new PickleError(`is of pickle protocol ${version}; expected 2 to 5`);
  }

  #stackGlobal(): boolean {
    const [module, name] = this.#popMany(2);
    if (typeof module !== "string" || typeof name !== "string")
      throw new PickleError("asks for a name that is no text; it is damaged");
    return this.#push(lookUp(module, name));
  }

  /** A storage as torch names it: ("storage", its type, its key, its device, its length); legacy: and a view. */
  #storage(id: Pickled): PickledStorage {
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
    const known = this.storages.get(key);
    if (known && known.dtype === type.storageDType && known.length === length) return known;
    if (known) throw new PickleError(`has storage ${quoted(key)} in two kinds; it is damaged`);
    this.#bytes.spend(costs.container);
    const storage = new PickledStorage(key, type.storageDType, length);
    this.storages.set(key, storage);
    return storage;
  }

  #call(): boolean {
    const [callee, args] = this.#popMany(2);
    if (!(callee instanceof PickledFunction) || !callee.call)
      throw new PickleError(
        `calls ${callee instanceof PickledFunction ? callee.name : "something that is no function"}, which no checkpoint does; nothing was run`,
      );
    if (!Array.isArray(args)) throw new PickleError("calls without arguments; it is damaged");
    // A function may copy what it is given, and be called again and again with the same.
    for (const arg of args) this.#bytes.spend(sizeOf(arg) * costs.item);
    this.#bytes.spend(costs.container);
    return this.#push(callee.call(args));
  }

  /** Attributes of an object: of a dict they are no weights, and only numpy's dtype has one that counts. */
  #build(): boolean {
    const state = this.#pop();
    const object = this.#stack.at(-1);
    if (object instanceof Map) return true;
    if (!(object instanceof NumpyDType) || !Array.isArray(state))
      throw new PickleError("sets attributes of something that has none; it is damaged");
    object.littleEndian = state[1] !== ">";
    return true;
  }

  #append(items: Pickled[]): boolean {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw new PickleError("appends to no list; it is damaged");
    for (const item of items) list.push(item);
    return true;
  }

  #setItems(items: Pickled[]): boolean {
    const dict = this.#stack.at(-1);
    if (!(dict instanceof Map) || items.length % 2 !== 0)
      throw new PickleError("sets items of no dict; it is damaged");
    this.#bytes.spend(items.length * costs.item);
    for (let i = 0; i < items.length; i += 2)
      dict.set(items[i] as Pickled, items[i + 1] as Pickled);
    return true;
  }

  #push(value: Pickled): boolean {
    this.#stack.push(value);
    return true;
  }

  #pushContainer(value: Pickled): boolean {
    this.#bytes.spend(costs.container);
    return this.#push(value);
  }

  #pop(): Pickled {
    return this.#popMany(1)[0] as Pickled;
  }

  /** The topmost values, which may not reach into an outer group. */
  #popMany(count: number): Pickled[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0))
      throw new PickleError("takes more values than it has; it is damaged");
    return this.#stack.splice(this.#stack.length - count);
  }

  /** The values since the last mark. */
  #group(): Pickled[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleError("ends a group that has not begun; it is damaged");
    return this.#stack.splice(mark);
  }

  #remember(index: number): boolean {
    this.#bytes.spend(costs.memo);
    const value = this.#pop();
    this.#memo.set(index, value);
    return this.#push(value);
  }

  #recall(index: number): Pickled {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw new PickleError(`refers to value ${index}, which it has not; it is damaged`);
    return value;
  }
}

function sizeOf(value: Pickled): number {
  if (Array.isArray(value) || typeof value === "string") return value.length;
  return value instanceof Map ? value.size : 1;
}
