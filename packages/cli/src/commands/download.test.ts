import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startChild } from "../../test/child.js";
import { runCli } from "../../test/run-cli.js";

const commit = "0123456789abcdef0123456789abcdef01234567";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "hawksbill-download-"));
  for (const name of ["HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE"]) vi.stubEnv(name, "");
  vi.stubEnv("HF_HUB_CACHE", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

type Send = (response: ServerResponse, text: string) => void;

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server with these files of the repository owner/name. */
async function serve(
  files: Readonly<Record<string, string>>,
  send: Send = (response, text) => response.end(text),
): Promise<string> {
  const server = createServer(({ method, url = "" }, response) => {
    const text = files[url.replace("/owner/name/resolve/main/", "")];
    if (url.startsWith("/api/models/owner/name/tree/main")) {
      const list = Object.entries(files).map(([path, { length }]) => ({
        type: "file",
        path,
        size: length,
        oid: "1",
      }));
      response.end(JSON.stringify(list));
    } else if (text === undefined) response.writeHead(404).end();
    else {
      response.setHeader("X-Repo-Commit", commit);
      response.setHeader("ETag", `"${sha256(text)}"`);
      response.setHeader("Content-Length", text.length);
      if (method === "HEAD") response.end();
      else send(response, text);
    }
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function inCache(path: string): string {
  return join(cache, "models--owner--name", "snapshots", commit, path);
}

test("downloads a file, and finds it in the cache the next time, without a network", async () => {
  const url = await serve({ "model.pth": "weights" });
  const args = ["download", "owner/name/model.pth"];

  expect(await runCli([...args, "--endpoint", url])).toEqual({
    code: 0,
    out: `model.pth: 7 bytes of 7 bytes\nmodel.pth: verifying\nmodel.pth: 7 bytes, downloaded: ${inCache("model.pth")}\n`,
    error: "",
  });
  expect(await readFile(inCache("model.pth"), "utf8")).toBe("weights");
  expect(await runCli([...args, "--offline"])).toEqual({
    code: 0,
    out: `model.pth: 7 bytes, in the cache: ${inCache("model.pth")}\n`,
    error: "",
  });
});

test("downloads all files of a repository, as the environment says", async () => {
  vi.stubEnv("HF_ENDPOINT", await serve({ "a.txt": "a", "folder/b.txt": "b" }));

  const { code, out } = await runCli(["download", "owner/name", "--json"]);

  expect(code).toBe(0);
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.filter(({ type }) => type === "file")).toEqual([
    { type: "file", name: "a.txt", how: "downloaded", path: inCache("a.txt"), bytes: 1 },
    {
      type: "file",
      name: "folder/b.txt",
      how: "downloaded",
      path: inCache("folder/b.txt"),
      bytes: 1,
    },
  ]);
  expect(events.filter(({ type }) => type === "verified")).toHaveLength(2);
});

test("lists the sets", async () => {
  const blobs = join(cache, "models--Gatozu35--tortoise-tts", "blobs");
  await mkdir(blobs, { recursive: true });
  const sha = "a990825371506c16bcf0e8167bf24ccf82f65bb6a1dbcbfcf058d76f9b197e35";
  await writeFile(join(blobs, sha), "not checked again");

  const { code, out } = await runCli(["download", "--list"]);

  expect(code).toBe(0);
  expect(out).toContain(
    `tortoise: all that turns text into speech
  autoregressive.pth       1.72 GB                UnifiedVoice: text and a voice to codes
`,
  );
  expect(out).toContain(
    "  dvae.pth                17 bytes  in the cache  the discrete VAE: mel spectrograms to codes and back\n",
  );
  expect(out).toContain(`The cache is ${cache}\n`);
  expect((await runCli(["download", "tortoise", "--list"])).out).not.toContain("dvae");
});

test("a copy of the wrong content is not put into the cache", async () => {
  const copy = join(cache, "copy.pth");
  await writeFile(copy, "not it");

  const { code, error } = await runCli(["download", "dvae", "--from", copy]);

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: dvae.pth: ${copy} is another file: its sha256 is ${sha256("not it")}, not a990825371506c16bcf0e8167bf24ccf82f65bb6a1dbcbfcf058d76f9b197e35\n`,
  );
});

test("a file that is gone: where it was looked for, and what to do", async () => {
  const url = await serve({});

  const { code, out, error } = await runCli(["download", "dvae", "--endpoint", url]);

  expect(code).toBe(1);
  expect(out).toContain("Warning: dvae.pth: ");
  expect(error).toBe(`Error: dvae.pth: could not be downloaded
  ${url}/Gatozu35/tortoise-tts/resolve/main/dvae.pth: it is not there (any more): 404
  ${url}/jbetker/tortoise-tts-v2/resolve/3704aea61678e7e468a06d8eea121dba368a798e/.models/dvae.pth: it is not there (any more): 404
What to do:
- give another server that has it (endpoints; --endpoint)
- find a copy of dvae.pth elsewhere, sha256 a990825371506c16bcf0e8167bf24ccf82f65bb6a1dbcbfcf058d76f9b197e35, and put it into the cache (importFile; --from FILE)
`);
});

test.each([
  [
    [],
    "no names; say what to download, e.g. hawksbill download tortoise (--list shows what there is)",
  ],
  [
    ["tortois"],
    "tortois: is no set; the sets are tortoise, dvae, hifidecoder, classifier, and repositories are owner/name",
  ],
  [
    ["tortoise/dvae.pth"],
    "tortoise/dvae.pth: the set has no such file; it has autoregressive.pth, clvp2.pth, cvvp.pth, diffusion_decoder.pth, rlg_auto.pth, rlg_diffuser.pth, vocoder.pth",
  ],
  [
    ["tortoise", "--from", "x.pth"],
    "--from x.pth is one file, and 7 are named; name one, e.g. tortoise/vocoder.pth",
  ],
  [
    ["owner/name", "--offline"],
    "owner/name: which files it has is not known without a network; name them, e.g. owner/name/config.json",
  ],
  [["owner/name/x", "--endpoint", "hf"], "hf: is no server; give one like https://huggingface.co"],
])("refuses download %j and says what to do", async (args, error) => {
  expect(await runCli(["download", ...args])).toMatchObject({
    code: 1,
    error: `Error: ${error}\n`,
  });
});

// Windows has no signals: Ctrl-C cannot be sent to a process there.
test.skipIf(process.platform === "win32")(
  "Ctrl-C keeps what has come, and says how to go on (needs signals)",
  { timeout: 60_000 },
  async () => {
    const url = await serve({ "model.pth": "weights" }, (response, text) =>
      response.write(text.slice(0, 3)),
    );
    const args = ["download", "owner/name/model.pth", "--cache", cache, "--endpoint", url];
    const child = startChild([...args, "--json"]);
    await child.prints('"receivedBytes":3');
    child.process.kill("SIGINT");

    expect(await child.ended).toBe(130);
    expect(child.output()).toContain(
      `Stopped. What has come is kept. Go on with:\n  npx hawksbill ${args.join(" ")}\n`,
    );
    expect(await readdir(join(cache, "models--owner--name", "blobs"))).toEqual([
      `${sha256("weights")}.incomplete`,
    ]);
  },
);
