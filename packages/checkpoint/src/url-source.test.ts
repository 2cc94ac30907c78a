/// <reference types="node" />
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tensor } from "@hawksbill/core";
import { afterEach, expect, test } from "vitest";
import { encodePth, encodeSafetensors, openCheckpoint } from "./index.js";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/m.pth?token=secret`);
}

const numbers = new Float32Array(100_000).fill(7);
const file = encodePth({ small: tensor([1]), large: tensor(numbers), step: 5 });

/** Sends the parts that are asked for. */
function rangesOf(
  bytes: Uint8Array,
  headers: Record<string, string> = {},
  counted: { bytes: number } = { bytes: 0 },
): RequestListener {
  return (request, response) => {
    const [, begin = "", last = ""] = request.headers.range?.match(/^bytes=(\d+)-(\d+)$/) ?? [];
    const end = Math.min(Number(last) + 1, bytes.length);
    counted.bytes += end - Number(begin);
    response.writeHead(206, {
      "content-range": `bytes ${begin}-${end - 1}/${bytes.length}`,
      ...headers,
    });
    response.end(bytes.subarray(Number(begin), end));
  };
}

test("fetches only the parts that are needed", async () => {
  const counted = { bytes: 0 };
  const checkpoint = await openCheckpoint(await serve(rangesOf(file, {}, counted)));
  expect(counted.bytes).toBeLessThan(140_000); // 64 kB at either end.
  expect(checkpoint.values).toEqual({ step: 5 });
  expect(await checkpoint.tensors.large?.data()).toEqual(numbers);
  expect(checkpoint.name).toMatch(/\/m\.pth$/); // Without the secret.
});

test("takes all at once from a server that cannot send parts", async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.end(file);
  });
  const { tensors } = await openCheckpoint(url);
  expect(await tensors.large?.data()).toEqual(numbers);
  expect(requests).toBe(1);
});

test("asks for the size where it is hidden", async () => {
  const parts = rangesOf(file);
  const url = await serve((request, response) => {
    if (request.method === "HEAD") {
      response.writeHead(200, { "content-length": file.length });
      response.end();
      return;
    }
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((status: number) => writeHead(status)) as typeof response.writeHead;
    parts(request, response);
  });
  expect((await openCheckpoint(url)).values).toEqual({ step: 5 });
});

test("finds shards beside their index, with the same query", async () => {
  const shard = encodeSafetensors({ a: tensor([1]) });
  const index = { weight_map: { a: "m 1.safetensors" } };
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url);
    response.end(request.url?.startsWith("/m%201") ? shard : JSON.stringify(index));
  });
  const { tensors } = await openCheckpoint(url);
  expect(await tensors.a?.data()).toEqual(Float32Array.of(1));
  expect(asked).toEqual(["/m.pth?token=secret", "/m%201.safetensors?token=secret"]);
});

test.each<[fact: string, listener: RequestListener, message: string]>([
  [
    "a file that is gone",
    (_, response) => response.writeHead(404).end(),
    "cannot be read: its server answers 404 Not Found",
  ],
  [
    "a part of another place",
    rangesOf(file, { "content-range": "bytes 5-9/100" }),
    'cannot be read: asked for bytes 0-99, its server sent "bytes 5-9/100"',
  ],
  [
    "less than said",
    rangesOf(file.subarray(0, 1000), { "content-range": "bytes 0-65535/400000" }),
    "cannot be read: its server sent 1000 of 65536 bytes; try again",
  ],
  [
    "a size that is not said",
    (_, response) => response.writeHead(206).end(),
    "cannot be read: its server does not say its size; download it first",
  ],
  [
    "an empty file",
    (_, response) => response.writeHead(416).end(),
    "has 0 bytes, too few for a safetensors file; copy or download it again",
  ],
  [
    "a page about the file",
    (_, response) => response.end("<!DOCTYPE html>"),
    "is a web page; download the file itself, not the page about it",
  ],
  ["a connection that breaks", (request) => request.socket.destroy(), "cannot be read: "],
])("names the file for %s", async (_, listener, message) => {
  const url = await serve(listener);
  await expect(openCheckpoint(url)).rejects.toThrow(`${url.origin}/m.pth: ${message}`);
});

test("notices that the file changed", async () => {
  let version = 0;
  const url = await serve((request, response) =>
    rangesOf(file, { etag: `"${version}"` })(request, response),
  );
  const { tensors } = await openCheckpoint(url);
  version++;
  await expect(tensors.large?.data()).rejects.toThrow(
    "changed on its server while it was read; open it again",
  );
});
