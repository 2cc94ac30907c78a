import { DeviceError, DTypeError, NonFiniteError, ShapeError } from "@hawksbill/core";
import type { Request, Response } from "./messages.js";
import { type ErrorClass, type Packed, pack, post, unpack } from "./pack.js";
import { endOther, listen, type WorkerPort } from "./port.js";
import type { Handlers } from "./serve.js";
import { WorkerError } from "./worker-error.js";

export interface CallOptions {
  /** Its abort reaches the handler's own signal. */
  readonly signal?: AbortSignal;
}

/** A worker's handlers as they are called from here. */
export type Remote<H extends Handlers> = {
  readonly [Name in keyof H]: (
    ...args: undefined extends Parameters<H[Name]>[0]
      ? [input?: Parameters<H[Name]>[0], options?: CallOptions]
      : [input: Parameters<H[Name]>[0], options?: CallOptions]
  ) => ReturnType<H[Name]> extends AsyncIterable<infer Item>
    ? AsyncIterableIterator<Item>
    : ReturnType<H[Name]>;
};

/** A worker that answers. */
export interface Connection<H extends Handlers> {
  /** Call the worker's handlers as if they were here. */
  readonly remote: Remote<H>;
  /** Settles when the worker ends, with the reason. */
  readonly ended: Promise<WorkerError>;
  /**
   * Ends the worker; calls under way fail at once with a `WorkerError`. A Web Worker and a process end whatever they are
   * doing. A thread of Node ends when what holds it lets go, as a running program of @hawksbill/core does: ended by force
   * then (`terminate`), it takes the whole process with it.
   */
  close(): void;
}

/** Answers that are waited for, by the calls' ids. */
interface Waiting {
  resolve(response: Answer): void;
  reject(error: unknown): void;
}
type Answer = Extract<Response, { type: "value" | "stream" | "item" }>;

const coreErrors: readonly ErrorClass[] = [
  DeviceError,
  DTypeError,
  NonFiniteError,
  ShapeError,
  WorkerError,
];

/**
 * Calls what a worker's `serve` offers. Tensors arrive as tensors, which are the receiver's to dispose of, and errors as
 * errors.
 *
 * @param port A Web Worker, a worker of Node's `worker_threads`, a `MessagePort`, or a process of Node that `fork` of
 *   `child_process` started with `serialization: "advanced"`.
 * @param options.errors Further classes of errors to be told apart with `instanceof`; core's are known.
 * @param options.advice What to do when the worker has ended, as its `WorkerError` says.
 */
export function connect<H extends Handlers>(
  port: WorkerPort,
  options: { readonly errors?: readonly ErrorClass[]; readonly advice?: string } = {},
): Connection<H> {
  const errors = [...coreErrors, ...(options.errors ?? [])];
  const { advice = "start it again to go on" } = options;
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let end: WorkerError | undefined;
  let tellEnd: (error: WorkerError) => void = () => undefined;
  const ended = new Promise<WorkerError>((resolve) => {
    tellEnd = resolve;
  });
  let tellReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });

  function finish(reason: string): void {
    if (end) return;
    end = new WorkerError(`worker: it ended (${reason}); ${advice}`);
    for (const { reject } of waiting.values()) reject(end);
    waiting.clear();
    tellReady();
    tellEnd(end);
    endOther(port, () => send({ type: "end" }));
  }

  listen(
    port,
    (message) => {
      const response = message as Response;
      if (response.type === "ready") return tellReady();
      const waiter = waiting.get(response.id);
      waiting.delete(response.id);
      if (response.type === "error") waiter?.reject(unpack(response.error, errors));
      else waiter?.resolve(response);
    },
    finish,
  );

  const send = (request: Request, transfer?: ArrayBuffer[]): void => post(port, request, transfer);

  /** Says something that the worker answers. */
  function ask(id: number, request: Request, transfer?: ArrayBuffer[]): Promise<Answer> {
    if (end) return Promise.reject(end);
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      try {
        send(request, transfer);
      } catch (error) {
        waiting.delete(id);
        reject(error);
      }
    });
  }

  const read = (value: Packed): unknown => unpack(value, errors);

  /** What a handler gives: a promise, and for a stream an iterator, too; the types tell which it is. */
  function call(name: string, input: unknown, { signal }: CallOptions = {}): unknown {
    const id = calls++;
    const prepared = Promise.all([pack(input), ready]);
    const begun = prepared.then(([{ packed, transfer }]) =>
      ask(id, { type: "call", id, name, input: packed }, transfer),
    );
    const onAbort = async (): Promise<void> => {
      const { packed } = await pack(signal?.reason);
      await prepared; // The call goes first.
      if (!end) send({ type: "abort", id, reason: packed });
    };
    const forget = (): void => signal?.removeEventListener("abort", abort);
    const abort = (): void => void onAbort().catch(forget);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    begun.then((answer) => answer.type === "value" && forget(), forget);

    let lastStep: Promise<unknown> = begun;
    function step(type: "next" | "return"): Promise<IteratorResult<unknown>> {
      const mine = lastStep.then(async () => {
        const answer = await ask(id, { type, id });
        if (answer.type !== "item") throw new WorkerError(`worker: "${name}" is no stream`);
        if (answer.done) forget();
        return { done: answer.done, value: read(answer.value) };
      });
      lastStep = mine;
      return mine;
    }
    const value = begun.then((answer) =>
      answer.type === "value" ? read(answer.value) : undefined,
    );
    const stream: AsyncIterableIterator<unknown> = {
      next: () => step("next"),
      return: () => step("return"),
      [Symbol.asyncIterator]: () => stream,
    };
    value.catch(() => undefined); // Whoever iterates hears of it there.
    return Object.assign(value, stream, { [Symbol.asyncIterator]: () => stream });
  }

  return {
    remote: new Proxy({} as Remote<H>, {
      // Whoever awaits a connection's parts asks for "then".
      get: (_, name) =>
        typeof name === "string" && name !== "then"
          ? (input: unknown, options?: CallOptions) => call(name, input, options)
          : undefined,
    }),
    ended,
    close: () => finish("it was closed from here"),
  };
}
