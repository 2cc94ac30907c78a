import type { Request, Response } from "./messages.js";
import { type Packed, pack, post, unpack } from "./pack.js";
import { isProcess, listen, type WorkerPort } from "./port.js";
import { WorkerError } from "./worker-error.js";

/** What a call has beside its input. */
export interface CallContext {
  /** The caller's own signal: what to do at an abort is the handler's matter. */
  readonly signal: AbortSignal;
}

/**
 * What a worker does: by name, functions of one value that give a promise, or a stream (an async generator). A
 * stream goes on only as its items are asked for.
 */
export type Handlers = {
  readonly [name: string]: (
    input: never,
    context: CallContext,
  ) => Promise<unknown> | AsyncIterable<unknown>;
};

/** A call under way. */
interface Call {
  readonly abort: AbortController;
  stream?: AsyncIterator<unknown>;
}

/**
 * Answers the calls of `connect`, which is on another thread or in another process. When the other side is gone, calls
 * under way are aborted.
 *
 * @param port In a thread of Node `parentPort`, in a process that was forked `process`; in a Web Worker, where it is the
 *   default, the worker itself.
 * @throws {WorkerError} There is no port: this is not a worker.
 */
export function serve(handlers: Handlers, port: WorkerPort | null = workerScope()): void {
  if (!port || (isProcess(port) && !port.send))
    throw new WorkerError(
      "serve: there is no port; call it in a worker, in a thread of Node as serve(handlers, parentPort), in a forked process as serve(handlers, process)",
    );
  const calls = new Map<number, Call>();
  const send = (response: Response, transfer?: ArrayBuffer[]): void =>
    post(port, response, transfer);

  async function fail(id: number, error: unknown): Promise<void> {
    calls.delete(id);
    const reply = async (error: unknown): Promise<void> => {
      const { packed, transfer } = await pack(error);
      send({ type: "error", id, error: packed }, transfer);
    };
    // What an error holds may not be fit to be sent; its words are.
    await reply(error).catch(() => reply(new WorkerError(messageOf(error))));
  }

  async function call(id: number, name: string, input: Packed): Promise<void> {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    if (!handler)
      throw new WorkerError(
        `worker: there is no "${name}"; it has ${Object.keys(handlers).join(", ")}`,
      );
    const mine: Call = { abort: new AbortController() };
    calls.set(id, mine);
    const made = handler(unpack(input) as never, { signal: mine.abort.signal });
    if (Symbol.asyncIterator in made) {
      mine.stream = made[Symbol.asyncIterator]();
      return send({ type: "stream", id });
    }
    const { packed, transfer } = await pack(await made);
    calls.delete(id);
    send({ type: "value", id, value: packed }, transfer);
  }

  async function item(id: number, result: Promise<IteratorResult<unknown>>): Promise<void> {
    const { done = false, value } = await result;
    const { packed, transfer } = await pack(value);
    if (done) calls.delete(id);
    send({ type: "item", id, done, value: packed }, transfer);
  }

  async function answer(request: Exclude<Request, { type: "end" }>): Promise<void> {
    const { type, id } = request;
    if (type === "call") return call(id, request.name, request.input);
    const mine = calls.get(id);
    if (type === "abort") return mine?.abort.abort(unpack(request.reason));
    const ended = Promise.resolve({ done: true as const, value: undefined });
    if (type === "next") return item(id, mine?.stream?.next() ?? ended);
    return item(id, mine?.stream?.return?.() ?? ended);
  }

  function onMessage(message: unknown): void {
    const request = message as Request;
    if (request.type === "end") endThread();
    else answer(request).catch((error: unknown) => fail(request.id, error));
  }
  listen(port, onMessage, (reason) => {
    for (const { abort } of calls.values()) abort.abort(new WorkerError(`worker: ${reason}`));
  });
  send({ type: "ready" });
}

/** The global scope, where it is a Web Worker's. */
function workerScope(): WorkerPort | null {
  const scope = globalThis as unknown as WorkerPort & { readonly WorkerGlobalScope?: unknown };
  return scope.WorkerGlobalScope === undefined ? null : scope;
}

/** In a thread of Node, `exit` ends the thread alone. */
function endThread(): void {
  (globalThis as { readonly process?: { exit(): void } }).process?.exit();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
