import { expect, test } from "vitest";
import { serve, sha256 } from "../test/hub-server.js";
import { type DownloadError, listRepo } from "./index.js";

const id = sha256("x");
const large = {
  type: "file",
  path: "a/model.pth",
  size: 5,
  oid: "1",
  lfs: { oid: id, size: 5, pointerSize: 130 },
};

/** A server whose list has these pages. */
async function serveList(...pages: readonly string[]) {
  const server = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
    const page = Number(searchParams.get("page") ?? 0);
    const body = pages[page];
    if (pathname !== "/api/models/owner/name/tree/main" || body === undefined) return false;
    const next = `<${server.url}${pathname}?page=${page + 1}>; rel="next"`;
    response.writeHead(200, page + 1 < pages.length ? { Link: next } : {}).end(body);
    return true;
  });
  return server;
}

test("lists a repository's files, of all pages", async () => {
  const { url, headers } = await serveList(
    JSON.stringify([{ type: "directory", path: "a", size: 0, oid: "0" }, large]),
    JSON.stringify([{ type: "file", path: "README.md", size: 3, oid: "2" }]),
  );

  const files = await listRepo({ repo: "owner/name" }, { endpoints: [url], token: "hf_me" });

  expect(files).toEqual([
    {
      name: "a/model.pth",
      places: [{ repo: "owner/name", path: "a/model.pth" }],
      bytes: 5,
      sha256: id,
    },
    { name: "README.md", places: [{ repo: "owner/name", path: "README.md" }], bytes: 3 },
  ]);
  expect(headers.map(({ authorization }) => authorization)).toEqual([
    "Bearer hf_me",
    "Bearer hf_me",
  ]);
});

test("names that would leave the cache are refused", async () => {
  const { url } = await serveList(JSON.stringify([{ ...large, path: "../../.bashrc" }]));

  await expect(listRepo({ repo: "owner/name" }, { endpoints: [url] })).rejects.toThrow(
    '"owner/name@main/../../.bashrc": cannot be the name of a file in the cache',
  );
});

test.each([
  ["no list", "<html>", "its answer is no list of files"],
  ["something else", "{}", "its answer is no list of files"],
  ["a page without end", " ".repeat(17e6), "a page of its list has over 16000000 bytes"],
])("%s is told of", async (_, page, reason) => {
  const { url } = await serveList(page);

  await expect(listRepo({ repo: "owner/name" }, { endpoints: [url] })).rejects.toMatchObject({
    failures: [{ reason }],
  });
});

test("a list without end is told of", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { Link: `<${server.url}/more>; rel="next"` }).end("[]");
    return true;
  });

  await expect(listRepo({ repo: "owner/name" }, { endpoints: [server.url] })).rejects.toMatchObject(
    {
      failures: [{ reason: "its list has more than 100 pages" }],
    },
  );
});

test("the token does not follow a list to another server", async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { Link: '<http://elsewhere.example/>; rel="next"' }).end("[]");
    return true;
  });

  await expect(
    listRepo({ repo: "owner/name" }, { endpoints: [url], token: "hf_me" }),
  ).rejects.toMatchObject({ failures: [{ reason: "its list goes on at another server" }] });
});

test("a repository that is gone is told of", async () => {
  const { url } = await serve(() => false);

  const error: DownloadError = await listRepo({ repo: "owner/name" }, { endpoints: [url] }).catch(
    (reason) => reason,
  );

  expect(error.problem).toBe("gone");
  expect(error.message).toMatch(/^the files of owner\/name: could not be downloaded\n/);
});
