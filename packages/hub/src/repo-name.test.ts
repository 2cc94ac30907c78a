import { expect, test } from "vitest";
import { type DownloadError, fileAt, parseRepoName } from "./index.js";
import { addressOf } from "./remote-file.js";

test.each([
  ["owner/name", { repo: "owner/name" }],
  ["owner/name/.models/a.pth", { repo: "owner/name", path: ".models/a.pth" }],
  ["owner/name@v2", { repo: "owner/name", revision: "v2" }],
  ["owner/na-me_1.0@v2/a/b", { repo: "owner/na-me_1.0", revision: "v2", path: "a/b" }],
])("%s is a repository, or a file of one", (text, name) => {
  expect(parseRepoName(text)).toEqual(name);
});

test.each([
  "name",
  "",
  "owner/",
  "../name",
  "owner/..",
  "owner/name/../x",
  "owner/name/x/./y",
  "owner/name//x",
  "owner/name/x/",
  "owner/name@../x",
  "owner/name/C:x",
  "owner/name/a\\b",
  "owner/name/a\u0000",
  "own er/name",
])("%j is refused", (text) => {
  expect(() => parseRepoName(text)).toThrow(
    expect.objectContaining({
      name: "DownloadError",
      problem: "name",
    } satisfies Partial<DownloadError>),
  );
});

test("says how a name is written", () => {
  expect(() => parseRepoName("tortois")).toThrow(
    "tortois: is no repository or file of one; give owner/name, owner/name/file or owner/name@revision/file",
  );
});

test("a file is named by its path, and asked for by its address", () => {
  const place = { repo: "owner/name", path: "a b/ü.pth", revision: "refs/pr/1" };

  expect(fileAt(place).name).toBe("a b/ü.pth");
  expect(addressOf(place, "https://mirror.example/hf/")).toBe(
    "https://mirror.example/hf/owner/name/resolve/refs%2Fpr%2F1/a%20b/%C3%BC.pth",
  );
});
