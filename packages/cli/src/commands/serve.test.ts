import { createServer } from "node:net";
import { expect, test } from "vitest";
import { startChild } from "../../test/child.js";
import { oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

/** What a running server printed of its address. */
function urlIn(output: string): string {
  return /http:\/\/[\d.:]+/.exec(output)?.[0] ?? "";
}

async function speak(url: string, body: object, headers: object = {}): Promise<Response> {
  return fetch(`${url}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "mine", voice: "default", input: "hello there", ...body }),
  });
}

test("speaks over HTTP, tells of each request, and stops at a signal", async () => {
  const model = ["--model", path("model"), "--voice", path("voice/wavs"), "--name", "mine"];
  const limits = ["--port", "0", "--token", "secret", "--max-codes", "8", ...oneThread];
  const child = startChild(["serve", ...model, ...limits]);
  await child.prints("model mine, 1 voice: default");
  const url = urlIn(child.output());
  const token = { authorization: "Bearer secret" };

  expect((await speak(url, {})).status).toBe(401);
  const wav = await speak(url, { response_format: "wav" }, token);
  expect((await wav.arrayBuffer()).byteLength).toBeGreaterThan(44);
  const refused = await speak(url, { input: "hello # there" }, token);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("#")]);
  await child.prints("POST /v1/audio/speech 401");
  await child.prints("s of wav for 11 characters by default");

  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
  expect(child.output()).toContain("Stopping when what is under way is finished");
  expect(child.output()).toMatch(/Stopped\.\n$/);
});

test("has the voices of a folder by their names, and tells in JSON", async () => {
  const stop = new AbortController();
  stop.abort();
  const voices = ["--model", path("model"), "--voices", path("voice")];

  const { code, out, error } = await runCli(
    ["serve", ...voices, "--port", "0", "--json", ...oneThread],
    stop.signal,
  );

  expect({ code, error }).toEqual({ code: 0, error: "" });
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    { type: "listening", model: "model", voices: ["wavs"] },
    { type: "stopped" },
  ]);
});

test("says that a port is taken", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => {
      const address = other.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

  const { code, error } = await runCli([
    "serve",
    "--model",
    path("model"),
    "--voice",
    path("voice/wavs"),
    "--port",
    `${port}`,
    ...oneThread,
  ]);
  other.close();

  expect(code).toBe(1);
  expect(error).toBe(`Error: port ${port} is taken; give another --port, or 0 for any\n`);
});
