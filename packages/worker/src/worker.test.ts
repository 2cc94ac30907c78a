/// <reference types="node" />
import { DeviceError, full, ShapeError, type Tensor, tensor } from "@hawksbill/core";
import { afterEach, expect, test } from "vitest";
import { type CallContext, type Connection, connect, moved, serve, WorkerError } from "./index.js";

class CookError extends Error {
  override readonly name = "CookError";
  constructor(
    message: string,
    readonly dishes: readonly string[],
  ) {
    super(message);
  }
}

let cleanedUp = 0;
const handlers = {
  async double({ x }: { x: Tensor }) {
    return {
      y: tensor(
        (x.dataSync() as Float32Array).map((n) => 2 * n),
        { shape: x.shape },
      ),
    };
  },
  async nothing() {},
  async lengthOf(array: Float32Array) {
    return array.length;
  },
  async give() {
    return moved(new Float32Array([1, 2]));
  },
  async fail({ how }: { how: "cook" | "shape" | "device" | "closure" }) {
    if (how === "cook") throw new CookError("burnt", ["soup"]);
    if (how === "shape") throw new ShapeError("too square");
    if (how === "device") throw new DeviceError("gone", { cause: new RangeError("memory") });
    return () => how;
  },
  async wait(_: undefined, { signal }: CallContext) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    signal.throwIfAborted();
  },
  async *count({ to, failAfter }: { to: number; failAfter?: number }, { signal }: CallContext) {
    try {
      for (let i = 1; i <= to; i++) {
        if (signal.aborted) return;
        yield { i, x: full([2], i) };
        if (i === failAfter) throw new ShapeError(`after ${i}`);
      }
    } finally {
      cleanedUp++;
    }
  },
};

const open: Connection<typeof handlers>[] = [];
function start(): Connection<typeof handlers> {
  const { port1, port2 } = new MessageChannel();
  serve(handlers, port1);
  const connection = connect<typeof handlers>(port2, { errors: [CookError] });
  open.push(connection);
  return connection;
}
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

test("sends tensors both ways", async () => {
  const { y } = await start().remote.double({ x: tensor([[1, 2, 3]]) });
  expect(y.shape).toEqual([1, 3]);
  expect(y.dataSync()).toEqual(new Float32Array([2, 4, 6]));
});

test("gives undefined where a handler does", async () => {
  await expect(start().remote.nothing()).resolves.toBeUndefined();
});

test("moves what is marked, and copies the rest", async () => {
  const { remote } = start();
  const copied = new Float32Array(3);
  const handed = moved(new Float32Array(3));
  await expect(remote.lengthOf(copied)).resolves.toBe(3);
  await expect(remote.lengthOf(handed)).resolves.toBe(3);
  expect([copied.length, handed.length]).toEqual([3, 0]);
  await expect(remote.give()).resolves.toEqual(new Float32Array([1, 2]));
});

test("errors arrive as what they were", async () => {
  const { remote } = start();
  const burnt = await remote.fail({ how: "cook" }).catch((error: unknown) => error);
  expect(burnt).toBeInstanceOf(CookError);
  expect(burnt).toMatchObject({ name: "CookError", message: "burnt", dishes: ["soup"] });
  await expect(remote.fail({ how: "shape" })).rejects.toThrow(ShapeError);
  const gone = await remote.fail({ how: "device" }).catch((error: unknown) => error);
  expect(gone).toBeInstanceOf(DeviceError);
  expect((gone as DeviceError).cause).toMatchObject({ name: "RangeError", message: "memory" });
});

test("says what cannot be sent", async () => {
  const { remote } = start();
  await expect(remote.fail({ how: "closure" })).rejects.toThrow(
    /^worker: a value cannot go to another thread/,
  );
  const input = { x: (() => 1) as unknown as Tensor };
  await expect(remote.double(input)).rejects.toThrow(WorkerError);
});

test("says what a worker has", async () => {
  const { remote } = start();
  const other = remote as unknown as { sing(): Promise<void> };
  await expect(other.sing()).rejects.toThrow(
    'worker: there is no "sing"; it has double, nothing, lengthOf, give, fail, wait, count',
  );
});

test("an abort reaches the handler, before and during the call", async () => {
  const { remote } = start();
  const stop = new AbortController();
  const during = remote.wait(undefined, { signal: stop.signal });
  setTimeout(() => stop.abort(), 5);
  await expect(during).rejects.toMatchObject({ name: "AbortError" });
  const before = remote.count({ to: 3 }, { signal: AbortSignal.abort() });
  expect(await before.next()).toEqual({ done: true, value: undefined });
});

test("a stream goes on only as it is asked, and ends where it is left", async () => {
  const { remote } = start();
  cleanedUp = 0;
  const seen: number[] = [];
  for await (const { i, x } of remote.count({ to: 5 })) {
    seen.push(i + (x.dataSync()[0] as number));
    if (i === 2) break;
  }
  expect(seen).toEqual([2, 4]);
  expect(cleanedUp).toBe(1);
});

test("a stream that fails gives its items first", async () => {
  const stream = start().remote.count({ to: 5, failAfter: 1 });
  expect((await stream.next()).value?.i).toBe(1);
  await expect(stream.next()).rejects.toThrow(new ShapeError("after 1"));
});

test("calls under way fail when the worker ends, and later ones at once", async () => {
  const { remote, close, ended } = start();
  const waiting = remote.wait();
  await new Promise((resolve) => setTimeout(resolve, 5));
  close();
  const message = "worker: it ended (it was closed from here); start it again to go on";
  await expect(waiting).rejects.toThrow(new WorkerError(message));
  await expect(remote.nothing()).rejects.toThrow(new WorkerError(message));
  expect((await ended).message).toBe(message);
});

test("what the other side left is aborted", async () => {
  const { port1, port2 } = new MessageChannel();
  const left = new Promise((resolve) => {
    const hold = async (_: undefined, { signal }: CallContext) => {
      port2.close();
      await new Promise((aborted) => signal.addEventListener("abort", aborted));
      resolve(signal.reason);
    };
    serve({ hold }, port1);
    void connect<{ hold: typeof hold }>(port2)
      .remote.hold()
      .catch(() => undefined);
  });
  expect(await left).toEqual(new WorkerError("worker: its port was closed"));
});

test("serve says where it belongs", () => {
  expect(() => serve(handlers)).toThrow(
    "serve: there is no port; call it in a worker, in a thread of Node as serve(handlers, parentPort), in a forked process as serve(handlers, process)",
  );
});
