import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { saveVoice } from "@hawksbill/tortoise/node";
import { expect, test } from "vitest";
import { startChild } from "../../test/child.js";
import { oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyTortoise } from "../../test/tiny-tortoise.js";
import { main } from "../main.js";

const { path } = scratch();

/** What a running server printed of its address. */
function urlIn(output: string): string {
  return /http:\/\/[\d.:]+/.exec(output)?.[0] ?? "";
}

async function speak(
  url: string,
  body: object,
  headers: object = {},
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(`${url}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    signal,
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
  // Of a long text, too, of which other pieces could be spoken: | is no cut here.
  const long = `${"hello there ".repeat(12)}| hello. hello # there`;
  const later = await speak(url, { input: long }, token);
  expect([later.status, await later.text()]).toEqual([400, expect.stringContaining('\\"#\\" at')]);
  await child.prints("POST /v1/audio/speech 401");
  await child.prints("s of wav for 11 characters by default");

  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
  expect(child.output()).toContain("Stopping when what is under way is finished");
  expect(child.output()).toMatch(/Stopped\.\n$/);
});

const slow = { timeout: 180_000 }; // It speaks with the model inside.
test("answers others while it speaks, and stops when the client leaves", slow, async () => {
  const child = startChild(["serve", "--port", "0", "--json", "--weights", "int8", ...oneThread]);
  await child.prints('"listening"');
  const url = urlIn(child.output());
  const [model, long] = ["hawksbill-small", "The sun came up over the hills."];
  const began = performance.now();
  let spoken = 0;
  const speech = speak(url, { model, input: long, response_format: "wav" })
    .then((response) => response.arrayBuffer())
    .then(({ byteLength }) => {
      spoken = performance.now() - began;
      return byteLength;
    });

  const waits: number[] = [];
  while (spoken === 0) {
    const asked = performance.now();
    const response = await fetch(`${url}/health`);
    await response.text();
    waits.push(performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await speech).toBeGreaterThan(44);
  expect(Math.max(...waits)).toBeLessThan(spoken / 4);

  const patience = new AbortController();
  const left = speak(url, { model, input: long }, {}, patience.signal);
  await new Promise((resolve) => setTimeout(resolve, 200));
  patience.abort();
  await expect(left).rejects.toThrow();
  await child.prints('"outcome":"left"');
  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
});

test("has the voices of a folder by their names, and tells in JSON", async () => {
  const voices = ["--model", path("model"), "--voices", path("voice")];
  const child = startChild(["serve", ...voices, "--port", "0", "--json", ...oneThread]);
  await child.prints('"listening"');
  child.process.kill("SIGINT");

  expect(await child.ended).toBe(0);
  const events = child
    .output()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    { type: "listening", model: "model", voices: ["wavs"] },
    { type: "stopped" },
  ]);
});

test("answers to this machine's own names beside those that are allowed", async () => {
  const names = ["--host", "0.0.0.0", "--allow-host", "speech.example"];
  const model = ["--model", path("model"), "--voice", path("voice/wavs")];
  const child = startChild(["serve", ...model, ...names, "--port", "0", "--json", ...oneThread]);
  await child.prints('"listening"');
  const { port } = new URL(/"url":"([^"]+)"/.exec(child.output())?.[1] ?? "");
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { host: `${host}:${port}` };
      request({ host: "127.0.0.1", port, path: "/health", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });

  for (const own of ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "speech.example"])
    expect([own, await statusFor(own)]).toEqual([own, 200]);
  expect(await statusFor("strange.example")).toBe(421);
  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
});

test("refuses two voices of one name", async () => {
  await mkdir(path("twins/default"), { recursive: true });
  await copyFile(path("voice/wavs/a.wav"), path("twins/default/a.wav"));
  await saveVoice(path("me.safetensors"), { autoregressive: new Float32Array(64) });

  const given = ["--voice", path("me.safetensors"), "--voices", path("twins")];
  const voices = ["--model", path("model"), ...given];
  const { code, error } = await runCli(["serve", ...voices, ...oneThread]);

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: --voices ${path("twins")}: two voices are called "default", that of --voice and one in it; rename that one\n`,
  );
});

test.each([
  ["that this kind of model lacks", ["--preset", "fast"], 'takes no "preset"'],
  ["out of its range", ["--max-codes", "9999"], "generate: --max-codes is 9999; give 1 to "],
  ["that no network has", ["--port", "70000"], "Give a port from 1 to 65535, or 0 for any"],
])("refuses an option %s before any request", async (_, more, words) => {
  const model = ["--model", path("model"), "--voice", path("voice/wavs"), "--port", "0"];
  const { code, error } = await runCli(["serve", ...model, ...more, ...oneThread]);

  expect(code).toBe(1);
  expect(error).toContain(words);
});

test("refuses to serve without a part that each request needs", async () => {
  await writeTinyTortoise(path("tortoise"));
  await rm(path("tortoise/clvp2.pth"));

  const model = ["--model", path("tortoise"), "--port", "0"];
  const { code, error } = await runCli(["serve", ...model, ...oneThread]);

  expect(code).toBe(1);
  expect(error).toContain("96 candidates are to be compared, but the model lacks clvp2.pth");
});

test("says that a port is taken, before it reads the model", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => {
      const address = other.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

  const model = ["--model", path("nowhere")];
  const child = startChild(["serve", ...model, "--port", `${port}`, ...oneThread]);
  const code = await child.ended;
  other.close();

  expect(code).toBe(1);
  expect(child.output()).toBe(`Error: port ${port} is taken; give another --port, or 0 for any\n`);
});

test("a speaker that dies in the midst of a step fails its request alone", slow, async () => {
  const children: ChildProcess[] = [];
  const onChild = (message: unknown): void => {
    children.push((message as { process: ChildProcess }).process);
  };
  subscribe("child_process", onChild);
  const stop = new AbortController();
  let output = "";
  let tellUrl: (url: string) => void = () => undefined;
  const listening = new Promise<string>((resolve) => {
    tellUrl = resolve;
  });
  const terminal = {
    out(text: string) {
      output += text;
      if (urlIn(output)) tellUrl(urlIn(output));
    },
    error: () => undefined,
  };
  const options = ["--port", "0", "--name", "mine", "--grace", "0", ...oneThread];
  const model = ["--model", path("model"), "--voice", path("voice/wavs")];
  const ended = main(["serve", ...model, ...options], terminal, stop.signal);
  const url = await listening;
  const long = { input: "hello there ".repeat(20) };
  const isSpeaking = async () =>
    /^hawksbill_speaking.* 1$/m.test(await (await fetch(`${url}/metrics`)).text());
  async function speakUntilUnderWay(): Promise<{ readonly response: Promise<Response> }> {
    const response = speak(url, long);
    response.catch(() => undefined);
    while (!(await isSpeaking())) await new Promise((resolve) => setTimeout(resolve, 5));
    return { response };
  }

  const dying = await speakUntilUnderWay();
  children[0]?.kill("SIGKILL");
  const failed = await dying.response;
  expect(failed.status).toBe(500);
  expect(await failed.text()).toMatch(/its log tells more/);

  const next = await speak(url, { response_format: "wav" });
  expect(next.status).toBe(200);
  expect((await next.arrayBuffer()).byteLength).toBeGreaterThan(44);
  expect(children).toHaveLength(2);

  // The end of the server comes in the midst of a step, too.
  await speakUntilUnderWay();
  stop.abort();
  expect(await ended).toBe(0);
  unsubscribe("child_process", onChild);
  expect(output).toContain("it ended (it was ended by SIGKILL); ask once more: it is started anew");
});
