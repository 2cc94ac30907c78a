import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { commit, serve, sha256 } from "../test/hub-server.js";
import { scratch } from "../test/scratch.js";
import { download, fileAt } from "./index.js";

const { path } = scratch();

function hasPython(): boolean {
  try {
    execFileSync("python3", ["-c", "import huggingface_hub"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const script = `
import sys
from huggingface_hub import hf_hub_download
_, cache, endpoint = sys.argv
print(hf_hub_download("owner/name", "a/ours.pth", cache_dir=cache, local_files_only=True))
print(hf_hub_download("owner/name", "theirs.pth", cache_dir=cache, endpoint=endpoint))
`;

test.skipIf(!hasPython())(
  "Python finds our files without a network, and we find its (needs Python's huggingface_hub)",
  { timeout: 60_000 },
  async () => {
    const { url } = await serve(({ url = "", method }, response) => {
      if (!url.startsWith("/owner/name/resolve/")) return false;
      const content = url.endsWith("theirs.pth") ? "theirs" : "ours";
      response.writeHead(200, {
        "X-Repo-Commit": commit,
        ETag: `"${sha256(content)}"`,
        "Content-Length": content.length,
      });
      response.end(method === "HEAD" ? "" : content);
      return true;
    });
    const cache = path("cache");
    const at = (file: string) => fileAt({ repo: "owner/name", path: file });
    const ours = await download(at("a/ours.pth"), { cache, endpoints: [url] });

    const { stdout } = await promisify(execFile)("python3", ["-c", script, cache, url]);
    const theirs = await download(at("theirs.pth"), { cache, offline: true });

    expect(stdout.trim().split(/\r?\n/)).toEqual([ours.path, theirs.path]);
  },
);
