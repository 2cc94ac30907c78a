/// <reference types="node" />
import { once } from "node:events";
import { expect, test } from "vitest";
import { rawConnection, run, speechInit } from "./running.js";

const json = "Content-Type: application/json\r\n";
const good = JSON.stringify({ model: "hum", input: "hello", voice: "low", response_format: "pcm" });

function post(body: string, headers = json): string {
  return `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function get(path: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
}

/** Bytes that mean nothing, the same in every run. */
function noise(length: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return String.fromCharCode((state >> 16) & 255);
  }).join("");
}

/** What strangers send, and the statuses that are right for it; "" is a connection that is closed without an answer. */
const attacks: readonly (readonly [
  name: string,
  statuses: readonly string[],
  sent: (i: number) => string,
])[] = [
  ["empty body", ["400"], () => post("")],
  ["no JSON", ["400"], (i) => post(`{"model":"hum","input":${i}`)],
  ["binary body", ["400"], (i) => post(noise(500, i))],
  [
    "wrong types",
    ["400", "404"],
    (i) => post(JSON.stringify([null, 1, "a", [], { model: i }, { model: {} }][i % 6])),
  ],
  ["prototype", ["400"], () => post('{"__proto__":{"model":"hum"},"constructor":1}')],
  ["deep nest", ["400"], () => post("[".repeat(50_000))],
  [
    "long text",
    ["400"],
    () => post(JSON.stringify({ ...JSON.parse(good), input: "a ".repeat(20_000) })),
  ],
  ["only signs", ["400"], () => post(JSON.stringify({ ...JSON.parse(good), input: "?!…\u0000" }))],
  ["body of 300 kB", ["413"], () => post("x".repeat(300_000))],
  [
    "said to be huge",
    ["413"],
    () =>
      `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: 99999999999\r\n\r\n{`,
  ],
  [
    "endless chunks",
    ["413"],
    () =>
      `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${json}Transfer-Encoding: chunked\r\n\r\n${"4000\r\n".concat("x".repeat(0x4000), "\r\n").repeat(6)}`,
  ],
  [
    "bad chunk size",
    ["400"],
    () =>
      `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ],
  ["two lengths", ["400"], () => post(good, `${json}Content-Length: 5\r\n`)],
  ["length and chunks", ["400"], () => post(good, `${json}Transfer-Encoding: chunked\r\n`)],
  [
    "negative length",
    ["400"],
    () => `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: -1\r\n\r\n`,
  ],
  [
    "a form",
    ["415"],
    () => post("model=hum", "Content-Type: application/x-www-form-urlencoded\r\n"),
  ],
  ["no type", ["415"], () => post(good, "")],
  [
    "other methods",
    ["404", "405", "400"],
    (i) =>
      `${["PUT", "DELETE", "PATCH", "TRACE", "BREW"][i % 5]} /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  ],
  [
    "CONNECT",
    ["", "404", "405"],
    () => "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
  ],
  [
    "upgrade",
    ["200", "404"],
    () => get("/health", "Connection: close, Upgrade\r\nUpgrade: websocket\r\n"),
  ],
  [
    "path tricks",
    ["404"],
    (i) =>
      get(
        [
          "/../../etc/passwd",
          "/v1//models",
          "/v1/models/%2e%2e/%2e%2e",
          "/v1/models/..%2f..",
          "/%00",
          "/v1/models/%ff",
          "/constructor",
        ][i % 7] as string,
      ),
  ],
  ["long path", ["404", "414", "431"], () => get(`/${"a".repeat(10_000)}`)],
  ["other host in the path", ["421", "404"], () => get("http://evil.example/v1/models")],
  ["other host", ["421"], () => "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
  ["no host", ["400"], () => "GET /v1/models HTTP/1.1\r\n\r\n"],
  ["large header", ["431"], () => get("/health", `X-Large: ${"a".repeat(40_000)}\r\n`)],
  ["many headers", ["200", "431"], () => get("/health", "X-Many: 1\r\n".repeat(3000))],
  ["folded header", ["400", "200"], () => get("/health", "X-Folded: a\r\n b\r\n")],
  ["header with controls", ["400"], () => get("/health", "X-Bad: a\u0000b\r\n")],
  ["line feeds alone", ["400", "200"], () => "GET /health HTTP/1.1\nHost: localhost\n\n"],
  ["noise", ["400", ""], (i) => noise(300, i)],
  ["TLS", ["400", ""], () => "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
  ["HTTP/0.9", ["400"], () => "GET /\r\n"],
  ["HTTP/2", ["400", "505"], () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["nothing, and gone", [""], () => ""],
  ["half a line, and gone", ["", "400"], () => "GET /hea"],
  ["half a body, and gone", ["", "400"], () => post(good).slice(0, -5)],
];

/** At once. */
const connections = 20;

/** Megabytes that the process may take more after 1,000 such requests than after a few. */
const memoryMB = 64;

test("answers 1,000 hostile requests as HTTP says, and is alive and no larger after", async () => {
  const { url, model, events } = await run();
  const statuses = new Map<string, Set<string>>();
  const attack = async (i: number): Promise<void> => {
    const [name, , sent] = attacks[i % attacks.length] as (typeof attacks)[number];
    const { socket, answer } = await rawConnection(url);
    socket.write(sent(i), "latin1");
    socket.end(); // Half-open: nothing more comes, an answer can be read.
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(await answer(10_000))?.[1] ?? "";
    statuses.set(name, (statuses.get(name) ?? new Set()).add(status));
    socket.destroy();
  };
  const attackAll = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += connections)
      await Promise.all(
        Array.from({ length: Math.min(connections, to - i) }, (_, k) => attack(i + k)),
      );
  };

  await attackAll(0, 200); // Until here, code is loaded and compiled.
  const before = process.memoryUsage().rss;
  await attackAll(200, 1000);
  const grownMB = (process.memoryUsage().rss - before) / 2 ** 20;

  const wrong = attacks.flatMap(([name, right]) =>
    [...(statuses.get(name) ?? ["none"])]
      .filter((status) => !right.includes(status))
      .map((status) => `${name}: ${status}`),
  );
  expect(wrong).toEqual([]);
  expect(grownMB).toBeLessThan(memoryMB);
  expect(events.some(({ error }) => error !== undefined)).toBe(false);
  expect(model.running).toBe(0);
  const alive = await fetch(`${url}/v1/audio/speech`, speechInit({ response_format: "pcm" }));
  expect((await alive.arrayBuffer()).byteLength).toBe(3 * 4800);
});

test("does not wait for those who are slow", async () => {
  const { url } = await run({}, {}, { headersSeconds: 0.3, requestSeconds: 0.6 });
  const slow = async (sent: string): Promise<string> => {
    const { socket, answer } = await rawConnection(url);
    socket.write(sent);
    const drip = setInterval(() => socket.write("a"), 50);
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(await answer(8000))?.[1] ?? "";
    clearInterval(drip);
    return status;
  };

  const statuses = await Promise.all([
    slow("GET /hea"),
    slow("GET /health HTTP/1.1\r\nX-Slow: "),
    slow(
      `POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: 5000\r\n\r\n{`,
    ),
  ]);

  expect(statuses).toEqual(["408", "408", "408"]);
});

test("closes connections that send nothing, and those beyond the limit", async () => {
  const { url } = await run({}, {}, { headersSeconds: 0.3, maxConnections: 5 });
  const idle = await Promise.all(Array.from({ length: 5 }, () => rawConnection(url)));
  const beyond = await rawConnection(url);

  expect(await beyond.answer(5000)).toBe("");
  expect(beyond.socket.closed).toBe(true);
  await Promise.all(idle.map(({ answer }) => answer(8000)));
  expect(idle.every(({ socket }) => socket.closed)).toBe(true);
  const again = await rawConnection(url);
  again.socket.end(get("/health", "Connection: close\r\n"));
  await once(again.socket, "close");
  expect(await again.answer(0)).toMatch(/^HTTP\/1\.1 200 /);
});
