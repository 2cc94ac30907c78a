import { CheckpointError } from "./checkpoint-error.js";
import { openUrl } from "./url-source.js";

/** Bytes that are read in pieces, wherever they lie: the way to open checkpoints from places of your own. */
export interface ByteSource {
  /** What error messages call it. */
  readonly name: string;
  readonly size: number;
  /** Where it lies on this machine's disk, so that ONNX Runtime can map it. */
  readonly path?: string;
  /** The bytes from `begin` to before `end`, both within the size. */
  read(begin: number, end: number): Promise<Uint8Array>;
  /** Another file of the same folder, such as a shard. */
  sibling?(name: string): Promise<ByteSource>;
  /** Frees what reading needed; afterwards nothing is read. */
  close?(): Promise<void>;
}

/** What a checkpoint can be opened from in any environment. A `File`, also of OPFS, is a `Blob`. */
export type CheckpointSource = Blob | Uint8Array | URL | ByteSource;

/** How to find what a source does not know of itself. */
export interface SourceOptions {
  /** What error messages call the file; default the name of the `File`, or the URL. */
  readonly name?: string;
  /** The file of this name beside the given one: shards of memory, a `Blob` or OPFS are asked for here. */
  readonly sibling?: (name: string) => CheckpointSource | Promise<CheckpointSource>;
}

/**
 * One way of reading for every kind of source.
 *
 * @throws {CheckpointError} A URL does not answer with the file.
 */
export async function openSource(
  source: CheckpointSource,
  options: SourceOptions = {},
): Promise<ByteSource> {
  const opened = await openAny(source, options.name);
  const { sibling } = options;
  if (!sibling) return opened;
  return {
    name: opened.name,
    size: opened.size,
    ...(opened.path !== undefined && { path: opened.path }),
    read: (begin, end) => opened.read(begin, end),
    sibling: async (name) => openSource(await sibling(name), { name }),
    close: async () => opened.close?.(),
  };
}

async function openAny(source: CheckpointSource, name: string | undefined): Promise<ByteSource> {
  if (source instanceof URL) return openUrl(source, name);
  if (source instanceof Uint8Array)
    return {
      name: name ?? "checkpoint",
      size: source.length,
      read: async (begin, end) => source.subarray(begin, end),
    };
  if (source instanceof Blob)
    return {
      name: name ?? ("name" in source ? String(source.name) : "checkpoint"),
      size: source.size,
      read: async (begin, end) => new Uint8Array(await source.slice(begin, end).arrayBuffer()),
    };
  return source;
}

/**
 * Bytes of a source, all of them.
 *
 * @throws {CheckpointError} They are not there, or cannot be read.
 */
export async function readBytes(
  source: ByteSource,
  begin: number,
  end: number,
): Promise<Uint8Array> {
  const { name, size } = source;
  if (end > size)
    throw new CheckpointError(
      name,
      `has only ${size} bytes where ${end} are needed; it was cut short: copy or download it again`,
    );
  if (begin === end) return new Uint8Array();
  let bytes: Uint8Array;
  try {
    bytes = await source.read(begin, end);
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(name, `cannot be read: ${why}`, { cause });
  }
  if (bytes.length !== end - begin)
    throw new CheckpointError(name, "became shorter while it was read; open it again");
  // Of a Buffer, slice() would not copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
