/** How the parts of a file are wrapped to be sent. */
export interface Framing {
  part(bytes: Uint8Array): Uint8Array;
  /** What follows the last part; default nothing. */
  end?(): Uint8Array;
  /** What follows where an error ends the file; default the response is cut off. */
  failure?(): Uint8Array;
}

export interface BodyOptions {
  readonly framing: Framing;
  /** Aborting it cuts the response off. */
  readonly signal: AbortSignal;
  /** Made but not taken: as much is kept, so that a slow client does not hold up the model. */
  readonly maxBufferedBytes: number;
  /** Seconds after which a client that takes nothing is given up. */
  readonly stallSeconds: number;
  /** The response is over: sent whole, not wanted any more, or ended by an error. */
  readonly onEnd: (how: BodyEnd, error?: unknown) => void;
}

export type BodyEnd = "whole" | "left" | "cut";

/** A client took nothing for too long. */
class Stalled extends Error {
  override readonly name = "Stalled";
}

/**
 * A response's body of parts that are made ahead of being taken, up to a limit.
 *
 * @param first What `parts` gave first. It has begun, so that its `return` runs its `finally`, however this ends.
 */
export function bodyStream(
  first: Uint8Array,
  parts: AsyncGenerator<Uint8Array, void>,
  options: BodyOptions,
): ReadableStream<Uint8Array> {
  const { framing, signal, stallSeconds } = options;
  const made = madeAhead(first, parts, options.maxBufferedBytes).getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const end = (how: BodyEnd, error?: unknown): void => {
    isOver = true;
    clearTimeout(timer);
    // Not awaited: the model may need a while to stop, and nobody waits for it.
    if (how !== "whole") made.cancel(error).catch(() => {});
    options.onEnd(how, error);
  };
  const send = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const { done, value } = await made.read();
    if (isOver) return;
    if (!done) return controller.enqueue(framing.part(value));
    if (framing.end) controller.enqueue(framing.end());
    controller.close();
    end("whole");
  };
  const cut = (
    controller: ReadableStreamDefaultController<Uint8Array>,
    error: unknown,
    lastWords?: Uint8Array,
  ): void => {
    if (isOver) return;
    if (lastWords) {
      controller.enqueue(lastWords);
      controller.close();
    } else controller.error(error);
    end("cut", error);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        signal.addEventListener("abort", () => cut(controller, signal.reason), { once: true });
      },
      async pull(controller) {
        clearTimeout(timer);
        try {
          await send(controller);
        } catch (error) {
          return cut(controller, error, framing.failure?.());
        }
        if (isOver) return;
        const stalled = new Stalled(`the client took nothing for ${stallSeconds} s`);
        timer = setTimeout(() => cut(controller, stalled), stallSeconds * 1000);
      },
      cancel() {
        if (!isOver) end("left");
      },
    },
    { highWaterMark: 0 }, // Asked only when the client takes something.
  );
}

function madeAhead(
  first: Uint8Array,
  parts: AsyncGenerator<Uint8Array, void>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(first),
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxBytes }),
  );
}
