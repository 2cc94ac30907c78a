import { readFile, readlink } from "node:fs/promises";
import { scanCacheDir } from "@huggingface/hub";
import { expect, test } from "vitest";
import { commit, cutAfter, serve, serveLarge, sha256, stallAfter } from "../test/hub-server.js";
import { scratch } from "../test/scratch.js";
import { type DownloadEvent, download, fileAt, findCached, type RemoteFile } from "./index.js";

const { path, files } = scratch();
const place = { repo: "owner/name", path: "models/file.pth" };
const address = "/owner/name/resolve/main/models/file.pth";
const content = Buffer.from("the weights of a model");
const id = sha256(content);
const folder = "cache/models--owner--name";

test("a file lies in the cache as other libraries expect it", async () => {
  const { url } = await serveLarge(address, content);

  const file = await download(fileAt(place), { cache: path("cache"), endpoints: [url] });

  expect(file).toEqual({
    path: path(`${folder}/snapshots/${commit}/models/file.pth`),
    bytes: content.length,
  });
  expect(await readFile(file.path)).toEqual(content);
  expect(await readlink(file.path)).toBe(`../../../blobs/${id}`);
  expect(await readFile(path(`${folder}/refs/main`), "utf8")).toBe(commit);
  expect(await files()).toEqual([
    `${folder}/blobs/${id}`,
    `${folder}/refs/main`,
    `${folder}/snapshots/${commit}/models/file.pth`,
  ]);
  const { repos, warnings } = await scanCacheDir(path("cache"));
  expect(warnings).toEqual([]);
  expect(repos).toMatchObject([
    {
      id: { name: "owner/name", type: "model" },
      revisions: [{ commitOid: commit, refs: ["main"] }],
    },
  ]);
});

test("what is in the cache is not downloaded again", async () => {
  const { url, asked } = await serveLarge(address, content);
  const options = { cache: path("cache"), endpoints: [url] };
  const first = await download(fileAt(place), options);
  asked.length = 0;

  expect(await download(fileAt(place), options)).toEqual(first);
  expect(asked).toEqual([`HEAD ${address}`]); // The branch might have moved on.
  asked.length = 0;
  expect(await download({ ...fileAt(place), sha256: id }, options)).toEqual(first);
  const pinned = fileAt({ ...place, revision: commit });
  expect(await download(pinned, options)).toEqual(first);
  expect(await download(fileAt(place), { ...options, offline: true })).toEqual(first);
  expect(asked).toEqual([]);
});

test("a break is mended from where it happened", async () => {
  const { url, asked, faults } = await serveLarge(address, content);
  faults.push(cutAfter(5), cutAfter(7));
  const events: DownloadEvent[] = [];

  const file = await download(fileAt(place), {
    cache: path("cache"),
    endpoints: [url],
    pauseSeconds: 0,
    onEvent: (event) => events.push(event),
  });

  expect(await readFile(file.path)).toEqual(content);
  expect(asked.filter((line) => line.includes("/cdn"))).toEqual([
    "GET /cdn",
    "GET /cdn bytes=5-",
    "GET /cdn bytes=12-",
  ]);
  const from = `${url}${address}`;
  expect(events.filter(({ type }) => type !== "progress")).toEqual([
    { type: "start", url: from, keptBytes: 0, totalBytes: 22 },
    expect.objectContaining({ type: "retry", waitSeconds: 0 }),
    { type: "start", url: from, keptBytes: 5, totalBytes: 22 },
    expect.objectContaining({ type: "retry", waitSeconds: 0 }),
    { type: "start", url: from, keptBytes: 12, totalBytes: 22 },
    { type: "verifying" },
    { type: "verified", by: "sha256" },
  ]);
  expect(events.findLast(({ type }) => type === "progress")).toEqual({
    type: "progress",
    receivedBytes: 22,
    totalBytes: 22,
  });
});

test("aborted, it keeps what has come, and goes on in the next call", async () => {
  const { url, asked, faults } = await serveLarge(address, content);
  faults.push(stallAfter(4));
  const controller = new AbortController();
  const options = { cache: path("cache"), endpoints: [url] };
  const reason = new Error("enough");

  const aborted = download(fileAt(place), {
    ...options,
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === "progress") controller.abort(reason);
    },
  });
  await expect(aborted).rejects.toBe(reason);
  expect(await files()).toEqual([`${folder}/blobs/${id}.incomplete`]);
  asked.length = 0;

  const file = await download(fileAt(place), options);
  expect(asked.at(-1)).toBe("GET /cdn bytes=4-");
  expect(await readFile(file.path)).toEqual(content);
});

test("the second place is asked when the first has it no more", async () => {
  const { url, asked } = await serveLarge("/copy/name/resolve/v2/file.pth", content);
  const file: RemoteFile = {
    name: "file.pth",
    places: [place, { repo: "copy/name", path: "file.pth", revision: "v2" }],
    sha256: id,
  };
  const events: DownloadEvent[] = [];

  const { path: found } = await download(file, {
    cache: path("cache"),
    endpoints: [url],
    onEvent: (event) => events.push(event),
  });

  expect(found).toBe(path(`cache/models--copy--name/snapshots/${commit}/file.pth`));
  expect(events[0]).toEqual({
    type: "failure",
    url: `${url}${address}`,
    problem: "gone",
    reason: "it is not there (any more): 404",
  });
  expect(asked).toEqual([
    `HEAD ${address}`,
    "HEAD /copy/name/resolve/v2/file.pth",
    "GET /copy/name/resolve/v2/file.pth",
    "GET /cdn",
  ]);
  expect(await findCached(file, path("cache"))).toEqual({ path: found, bytes: 22 });
});

test("a small file is verified by its git object id", async () => {
  const object = "64c3ecd7abb014643a372e0155b41cfca014c01f"; // printf small | git hash-object --stdin
  let text = "small";
  const { url } = await serve((_, response) => {
    response.writeHead(200, { "X-Repo-Commit": commit, ETag: `"${object}"` }).end(text);
    return true;
  });
  const options = { cache: path("cache"), endpoints: [url], attempts: 1 };

  const { path: found } = await download(fileAt(place), options);
  expect(await readlink(found)).toBe(`../../../blobs/${object}`);

  text = "smell";
  const elsewhere = { ...options, cache: path("elsewhere") };
  await expect(download(fileAt(place), elsewhere)).rejects.toMatchObject({ problem: "content" });
});

test("a plain file server will do, and what it sends is named by its sha256", async () => {
  const { url } = await serve(({ method, url }, response) => {
    if (url !== address) return false;
    response.setHeader("Content-Length", content.length);
    response.end(method === "GET" ? content : "");
    return true;
  });
  const events: DownloadEvent[] = [];

  const file = await download(fileAt(place), {
    cache: path("cache"),
    endpoints: [url],
    onEvent: (event) => events.push(event),
  });

  expect(file.path).toBe(path(`${folder}/snapshots/${id}/models/file.pth`));
  expect(events.at(-1)).toEqual({ type: "verified", by: "length" });
});

test("the token goes to the server that was named, and no further", async () => {
  const cdn = await serve((_, response) => {
    response.end(content);
    return true;
  });
  const hub = await serve((_, response) => {
    response
      .writeHead(302, {
        Location: `${cdn.url}/file`,
        "X-Linked-ETag": `"${id}"`,
        "X-Linked-Size": content.length,
      })
      .end();
    return true;
  });

  await download(fileAt(place), { cache: path("cache"), endpoints: [hub.url], token: "hf_me" });

  expect(hub.headers.map(({ authorization }) => authorization)).toEqual([
    "Bearer hf_me",
    "Bearer hf_me",
  ]);
  expect(cdn.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
});
