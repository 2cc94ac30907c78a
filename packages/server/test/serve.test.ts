/// <reference types="node" />
import { expect, test } from "vitest";
import type { RequestEvent } from "../src/index.js";
import { rawConnection, run, speechInit, until } from "./running.js";

const long = "la ".repeat(1300); // 130 s of sound, 6 MB.

test("sends sound while it is spoken", async () => {
  const { url, model } = await run({ pauseMilliseconds: 2 });

  const response = await fetch(`${url}/v1/audio/speech`, speechInit({ response_format: "pcm" }));
  const reader = response.body?.getReader();
  const first = await reader?.read();
  const wasSpeaking = model.running;
  let bytes = first?.value?.length ?? 0;
  for (let part = await reader?.read(); part?.value; part = await reader?.read())
    bytes += part.value.length;

  expect(response.headers.get("content-type")).toBe("audio/pcm");
  expect([wasSpeaking, bytes]).toEqual([1, 3 * 4800]);
});

test("speaks one at a time for a hundred who ask at once, and tells those to come again who would wait too long", async () => {
  const { url, model } = await run({ pauseMilliseconds: 1 }, { maxWaiting: 20 });

  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const asked = speechInit({ input: `number ${i}`, response_format: "pcm" });
      const response = await fetch(`${url}/v1/audio/speech`, asked);
      const { byteLength } = await response.arrayBuffer();
      return { status: response.status, byteLength };
    }),
  );

  const spoken = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  expect(spoken.length + refused.length).toBe(100);
  expect(spoken.length).toBeGreaterThanOrEqual(21); // Those who come while it speaks take the places that get free.
  expect(spoken.every(({ byteLength }) => byteLength === 2 * 4800)).toBe(true);
  expect(model.said).toHaveLength(spoken.length);
  expect([model.mostRunning, model.running]).toEqual([1, 0]);
});

test("stops speaking when a client is killed in the middle, and serves the next", async () => {
  const { url, model, events } = await run({ pauseMilliseconds: 1 });
  const listener = new AbortController();
  const waiter = new AbortController();
  const ask = (signal: AbortSignal, input: string): Promise<Response> =>
    fetch(`${url}/v1/audio/speech`, {
      ...speechInit({ input, response_format: "pcm" }),
      signal,
    });

  const response = await ask(listener.signal, long);
  await response.body?.getReader().read();
  const waiting = ask(waiter.signal, "never said").catch(() => "gone");
  const next = fetch(`${url}/v1/audio/speech`, speechInit({ input: "next" }));
  await until(async () =>
    (await (await fetch(`${url}/metrics`)).text()).includes('hawksbill_waiting{model="hum"} 2'),
  );
  waiter.abort();
  expect(await waiting).toBe("gone");
  listener.abort();

  expect((await next).status).toBe(200);
  await (await next).arrayBuffer();
  const speeches = (): readonly RequestEvent[] => events.filter(({ speech }) => speech);
  await until(() => speeches().length === 3);
  expect(model.said).toEqual([long, "next"]);
  expect([model.aborted, model.running]).toEqual([1, 0]);
  expect(speeches().map(({ outcome }) => outcome)).toEqual(["left", "left", "answered"]);
});

test("cuts the connection where speaking fails on the way, so that nobody takes a part for the whole", async () => {
  const { url } = await run({
    fail: (_, piece) => {
      if (piece === 2) throw new Error("broken");
    },
  });

  const response = await fetch(`${url}/v1/audio/speech`, speechInit({ response_format: "wav" }));

  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow("terminated");
});

test("gives up a client that reads nothing", async () => {
  const limits = { stallSeconds: 0.3, maxBufferedBytes: 100_000 };
  const { url, model, events } = await run({ pieceSeconds: 2 }, limits);
  const { socket } = await rawConnection(url);
  socket.pause(); // The system's buffers fill, and then ours.
  const body = JSON.stringify({
    model: "hum",
    input: "la ".repeat(200),
    voice: "low",
    response_format: "pcm",
  });

  socket.write(
    `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => events.length === 1);

  expect(events[0]?.outcome).toBe("cut");
  await until(() => model.running === 0);
  socket.destroy();
});

test("stops: finishes what is under way, and takes no more", async () => {
  const { url, close } = await run({ pauseMilliseconds: 20 });
  const under = fetch(`${url}/v1/audio/speech`, speechInit({ response_format: "pcm" }));
  const response = await under;
  const closed = close();

  expect((await response.arrayBuffer()).byteLength).toBe(3 * 4800);
  await closed;
  await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
});

test("stops in time where a speech takes long", async () => {
  const { url, model, close } = await run({ pauseMilliseconds: 5 });
  const response = await fetch(
    `${url}/v1/audio/speech`,
    speechInit({ input: long, response_format: "pcm" }),
  );
  const cut = expect(response.arrayBuffer()).rejects.toThrow("terminated");

  await close({ graceSeconds: 0.05 });

  await cut;
  expect(model.running).toBe(0);
});

test("answers only to its own names on a loopback address", async () => {
  const { url } = await run();
  const ask = async (host: string): Promise<string> => {
    const { socket, answer } = await rawConnection(url);
    socket.write(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return (await answer(5000)).slice(9, 12);
  };

  expect(await ask("localhost:8321")).toBe("200");
  expect(await ask("[::1]:1")).toBe("200");
  expect(await ask("attacker.example")).toBe("421");
});

test("says that a port is taken", async () => {
  const { url } = await run();

  await expect(run({}, {}, { port: Number(new URL(url).port) })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});
