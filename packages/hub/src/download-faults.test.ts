import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import {
  cutAfter,
  type Fault,
  type HubServer,
  send,
  sendContent,
  serve,
  serveLarge,
  sha256,
  stallAfter,
  status,
} from "../test/hub-server.js";
import { scratch } from "../test/scratch.js";
import { DownloadError, type DownloadOptions, download, fileAt } from "./index.js";

const { path, files } = scratch();
const place = { repo: "owner/name", path: "file.pth" };
const address = "/owner/name/resolve/main/file.pth";
const content = Buffer.from("the weights of a model");
const id = sha256(content);
const partial = `cache/models--owner--name/blobs/${id}.incomplete`;
const file = { ...fileAt(place), sha256: id };

/** One attempt. */
function options(server: HubServer): DownloadOptions {
  return { cache: path("cache"), endpoints: [server.url], attempts: 1 };
}

async function errorOf(promise: Promise<unknown>): Promise<DownloadError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DownloadError);
  return error;
}

const wrong = Buffer.from("another file as long.");
const all = content.length;

// What a fault leaves for the next attempt, and what it is called.
test.each<[string, Fault, string, number, string]>([
  ["cuts the connection", cutAfter(9), "network", 9, "the connection was cut"],
  ["stands still", stallAfter(9), "stalled", 9, "nothing came for 0.3 s"],
  ["stands still at once", () => {}, "stalled", 0, "nothing came for 0.3 s"],
  [
    "sends less than it says, in parts",
    (_, response) => response.writeHead(200).end("the"),
    "network",
    3,
    "it ended after 3 of 22 bytes",
  ],
  [
    "announces less",
    send(200, { "Content-Length": "3" }, "the"),
    "length",
    0,
    "it sends 3 bytes, not 22",
  ],
  [
    "announces more",
    send(200, { "Content-Length": "40" }, Buffer.concat([content, Buffer.alloc(18)])),
    "length",
    0,
    "it sends 40 bytes, not 22",
  ],
  [
    "sends more than it says, in parts",
    (_, response) => response.writeHead(200).end(Buffer.concat([content, content])),
    "length",
    0,
    "it sends more than 22 bytes",
  ],
  [
    "sends an endless file",
    (_, response) => {
      const more = () => !response.destroyed && response.write(Buffer.alloc(1e6), more);
      response.writeHead(200);
      more();
    },
    "length",
    0,
    "it sends more than 22 bytes",
  ],
  [
    "sends wrong bytes",
    send(200, {}, `${wrong}!`),
    "content",
    0,
    `its sha256 is ${sha256(`${wrong}!`)}, not ${id}`,
  ],
  [
    "compresses",
    send(200, { "Content-Encoding": "gzip" }, "x"),
    "server",
    0,
    "it compresses what it sends, though asked not to",
  ],
  ["has it no more", status(404), "gone", 0, "it is not there (any more): 404"],
  ["has dropped it", status(410), "gone", 0, "it is not there (any more): 410"],
  ["wants a token", status(401), "refused", 0, "it needs an access token, or does not exist: 401"],
  ["forbids it", status(403), "refused", 0, "access is not allowed: 403"],
  [
    "has too much to do",
    status(429, { "Retry-After": "7" }),
    "busy",
    0,
    "it has been asked too often: 429",
  ],
  ["fails", status(500), "server", 0, "the server fails: 500"],
  [
    "redirects without end",
    (_, response) => response.writeHead(302, { Location: "/cdn" }).end(),
    "redirects",
    0,
    "it redirects more than 5 times",
  ],
  [
    "redirects to a file of this machine",
    (_, response) => response.writeHead(302, { Location: "file:///etc/passwd" }).end(),
    "redirects",
    0,
    "it redirects to an address that is not safe",
  ],
])(
  "a server that %s is told of, and the next attempt works",
  async (_, fault, problem, kept, reason) => {
    const server = await serveLarge(address, content);
    server.faults.push(fault, ...(problem === "redirects" ? Array(5).fill(fault) : []));

    const stallSeconds = problem === "stalled" ? 0.3 : 10;
    const error = await errorOf(download(file, { ...options(server), stallSeconds }));

    expect(error.problem).toBe(problem);
    expect(error.failures).toMatchObject([{ url: `${server.url}${address}`, problem, reason }]);
    expect(error.message).toContain("What to do:\n- ");
    expect((await files()).filter((name) => name !== partial)).toEqual([]);
    expect((await readFile(path(partial)).catch(() => "")).length).toBe(kept);

    server.faults.length = 0;
    const { path: found } = await download(file, options(server));
    expect(server.asked.at(-1)).toBe(kept > 0 ? `GET /cdn bytes=${kept}-` : "GET /cdn");
    expect(await readFile(found)).toEqual(content);
    expect(await files()).not.toContain(partial);
  },
);

describe("what an earlier attempt has left", () => {
  async function leave(bytes: Buffer): Promise<void> {
    await mkdir(dirname(path(partial)), { recursive: true });
    await writeFile(path(partial), bytes);
  }

  test.each<[string, Buffer, Fault[], string[]]>([
    ["is all of it", content, [], []],
    ["is longer", Buffer.concat([content, content]), [], ["GET /cdn"]],
    ["is not of it", Buffer.from("other"), [], ["GET /cdn bytes=5-", "GET /cdn"]],
    ["is as long, and not it", Buffer.from(`${wrong}!`), [], ["GET /cdn"]],
    [
      "cannot be gone on with, as the server sends all",
      content.subarray(0, 5),
      [(_, response) => response.writeHead(200).end(content)],
      ["GET /cdn bytes=5-"],
    ],
  ])("%s: the file comes out right", async (_, left, faults, asked) => {
    const server = await serveLarge(address, content);
    await leave(left);
    server.faults.push(...faults);

    const { path: found } = await download(file, options(server));

    expect(await readFile(found)).toEqual(content);
    expect(server.asked.filter((line) => line.includes("/cdn"))).toEqual(asked);
  });

  test.each<[string, Fault, string]>([
    [
      "another part",
      send(206, { "Content-Range": `bytes 2-${all - 1}/${all}` }, content.subarray(2)),
      "it did not send the part from byte 5",
    ],
    [
      "a part of nothing",
      send(206, {}, content.subarray(5)),
      "it did not send the part from byte 5",
    ],
    [
      "a part of more",
      send(206, { "Content-Range": "bytes 5-21/30" }, "x"),
      "it sends 30 bytes, not 22",
    ],
    ["no part", status(416), "it did not send the part from byte 5"],
  ])("a server that sends %s instead is told of", async (_, fault, reason) => {
    const server = await serveLarge(address, content);
    await leave(content.subarray(0, 5));
    server.faults.push(fault);

    expect((await errorOf(download(file, options(server)))).failures).toMatchObject([{ reason }]);

    const { path: found } = await download(file, options(server));
    expect(await readFile(found)).toEqual(content);
  });
});

test("from a server that fails at parts, all is taken anew", async () => {
  const server = await serveLarge(address, content);
  server.faults.push(cutAfter(9), status(416), cutAfter(9), send(206, {}, "part"));

  const { path: found } = await download(file, {
    ...options(server),
    attempts: 5,
    pauseSeconds: 0,
  });

  expect(await readFile(found)).toEqual(content);
  expect(server.asked.filter((line) => line.includes("/cdn"))).toEqual([
    "GET /cdn",
    "GET /cdn bytes=9-",
    "GET /cdn",
    "GET /cdn bytes=9-",
    "GET /cdn",
  ]);
});

test("the message says what happened where, and what to do", async () => {
  const server = await serve(({ url }, response) => {
    response.writeHead(url?.includes("gated") ? 403 : 404).end();
    return true;
  });
  const places = [place, { repo: "gated/name", path: "file.pth" }];

  const error = await errorOf(download({ name: "file.pth", places, sha256: id }, options(server)));

  expect(error.problem).toBe("several");
  expect(error.message).toBe(`file.pth: could not be downloaded
  ${server.url}/owner/name/resolve/main/file.pth: it is not there (any more): 404
  ${server.url}/gated/name/resolve/main/file.pth: access is not allowed: 403
What to do:
- accept its terms on the website, if it has any, and give an access token (HF_TOKEN)
- give another server that has it (endpoints; --endpoint)
- find a copy of file.pth elsewhere, sha256 ${id}, and put it into the cache (importFile; --from FILE)`);
});

test("a server that wants to be left alone is, unless it asks for too long", async () => {
  const server = await serveLarge(address, content);
  server.faults.push(status(429, { "Retry-After": "1" }), status(503, { "Retry-After": "0" }));
  const waits: number[] = [];
  const patient: DownloadOptions = {
    ...options(server),
    attempts: 3,
    pauseSeconds: 0,
    onEvent: (event) => {
      if (event.type === "retry") waits.push(event.waitSeconds);
    },
  };

  await download(file, patient);
  expect(waits).toEqual([1, 0]);

  const later = await serveLarge(address, content);
  later.faults.push(status(429, { "Retry-After": "3600" }));
  const error = await errorOf(
    download(file, { ...options(later), attempts: 3, cache: path("other") }),
  );
  expect(error.message).toContain("- run it again after 3600 s");
});

test("breaks that bring nothing new end the attempts", async () => {
  const server = await serveLarge(address, content);
  server.faults.push(...Array.from({ length: 9 }, () => cutAfter(0)));

  const error = await errorOf(download(file, { ...options(server), attempts: 3, pauseSeconds: 0 }));

  expect(error.problem).toBe("network");
  expect(server.asked.filter((line) => line.includes("/cdn"))).toHaveLength(3);
});

test("another file of that name is refused before it is sent", async () => {
  const server = await serveLarge(address, wrong);

  const error = await errorOf(download(file, options(server)));

  expect(error.problem).toBe("content");
  expect(server.asked).toEqual([`HEAD ${address}`]);
});

test("a file of another length than the list says is refused", async () => {
  const server = await serveLarge(address, content);

  const { problem, failures } = await errorOf(
    download({ ...fileAt(place), bytes: 23 }, options(server)),
  );

  expect(problem).toBe("length");
  expect(failures[0]?.reason).toBe("it has 22 bytes, not 23");
});

test("a file longer than allowed is refused", async () => {
  const server = await serveLarge(address, content);

  const error = await errorOf(download(file, { ...options(server), largestBytes: 21 }));

  expect(error.failures[0]?.reason).toBe("it has 22 bytes; 21 are allowed");
});

test("a file larger than the disk is refused before anything is sent", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "Content-Length": `8${"0".repeat(18)}` }).end();
    return true;
  });

  const error = await errorOf(download(file, { ...options(server), largestBytes: 1e19 }));

  expect(error.problem).toBe("disk");
  expect(error.message).toMatch(
    /needs 8000000000000000000 more bytes, and the disk of .* has room for/,
  );
});

test("nobody there", async () => {
  const nobody = { cache: path("cache"), endpoints: ["http://127.0.0.1:1"], attempts: 1 };

  const error = await errorOf(download(file, nobody));

  expect(error.problem).toBe("network");
  expect(error.message).toContain("run it again: it goes on where it stopped");
});

test("offline, what is not in the cache is not looked for", async () => {
  const server = await serveLarge(address, content);

  const error = await errorOf(download(file, { ...options(server), offline: true }));

  expect(error.message).toBe(
    `file.pth: is not in ${path("cache")}; download it where there is a network`,
  );
  expect(server.asked).toEqual([]);
});

describe("two downloads of a file", () => {
  const lock = () => path(`${partial}.lock`);

  test("do not write into each other", async () => {
    const server = await serveLarge(address, content);
    server.faults.push((request, response, bytes) => {
      setTimeout(() => sendContent(request, response, bytes), 100);
    });
    const both = await Promise.allSettled([
      download(file, options(server)),
      download(file, options(server)),
    ]);

    const errors = both.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(errors).toMatchObject([{ problem: "locked" }]);
    expect(errors[0].message).toContain(`process ${process.pid} on `);
  });

  test("a process that has ended holds none up", async () => {
    const server = await serveLarge(address, content);
    await mkdir(dirname(lock()), { recursive: true });
    await writeFile(lock(), `999999999 ${hostname()}`);

    await download(file, options(server));

    expect(await files()).not.toContainEqual(expect.stringMatching(/lock$/));
  });
});

test("a cache that is a file is told of", async () => {
  const server = await serveLarge(address, content);
  await writeFile(path("cache"), "");

  const error = await errorOf(download(file, options(server)));

  expect(error.problem).toBe("disk");
  expect(error.message).toContain("choose another cache");
});

test("no address", async () => {
  const error = await errorOf(download(file, { cache: path("cache"), endpoints: ["huggingface"] }));

  expect(error.message).toBe("huggingface: is no server; give one like https://huggingface.co");
});
