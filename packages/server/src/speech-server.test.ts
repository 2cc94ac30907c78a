import { decodeAudio } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { FakeModel, order } from "../test/fake-model.js";
import { type RequestEvent, SpeechRefused, SpeechServer } from "./index.js";

interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

function get(path: string, init?: RequestInit): Request {
  return new Request(`http://localhost${path}`, init);
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Lets what is under way go on. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

test("speaks, and tells of it", async () => {
  const events: RequestEvent[] = [];
  const server = new SpeechServer({
    models: [new FakeModel()],
    onRequest: (event) => events.push(event),
  });

  const response = await server.fetch(order({ response_format: "wav" }));
  const { channels, sampleRateHz } = await decodeAudio(await bytesOf(response));

  expect([response.status, response.headers.get("content-type")]).toEqual([200, "audio/wav"]);
  expect([sampleRateHz, channels[0]?.length]).toEqual([24_000, 7200]);
  expect(events).toMatchObject([
    {
      id: response.headers.get("x-request-id"),
      status: 200,
      outcome: "answered",
      speech: { model: "hum", voice: "low", format: "wav", characters: 13 },
    },
  ]);
  expect(events[0]?.speech?.audioSeconds).toBeCloseTo(0.3, 9);
});

test("honours voice, speed and seed, and speaks MP3 where nothing is said", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });
  const pcm = async (more: object): Promise<Uint8Array> =>
    bytesOf(await server.fetch(order({ response_format: "pcm", ...more })));

  const low = await pcm({});
  expect(await pcm({ voice: { id: "low" }, seed: 3, instructions: "" })).toEqual(low);
  expect(await pcm({ voice: { id: "low" }, seed: null })).toEqual(await pcm({ voice: "low" }));
  expect(await pcm({ voice: "high" })).not.toEqual(low);
  expect(Math.abs((await pcm({ speed: 2 })).length - low.length / 2)).toBeLessThan(48 * 60);
  expect((await server.fetch(order({}))).headers.get("content-type")).toBe("audio/mpeg");
});

test("sends events where they are asked for", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });

  const response = await server.fetch(order({ response_format: "pcm", stream_format: "sse" }));
  const events = (await response.text())
    .trim()
    .split("\n\n")
    .map((event) => JSON.parse(event.slice(6)));

  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(events.map(({ type }) => type)).toEqual([
    ...Array(3).fill("speech.audio.delta"),
    "speech.audio.done",
  ]);
  expect(atob(events[0].audio).length).toBe(4800);
  expect(events[3].usage).toEqual({ input_tokens: 13, output_tokens: 0, total_tokens: 13 });
});

test.each<[object, number, string | null, string]>([
  [{ model: "other" }, 404, "model", "model_not_found"],
  [{ model: undefined }, 400, "model", "missing_required_parameter"],
  [{ input: "" }, 400, "input", "empty_input"],
  [{ input: " ?!… " }, 400, "input", "empty_input"],
  [{ input: "a".repeat(4097) }, 400, "input", "string_above_max_length"],
  [{ input: 5 }, 400, "input", "invalid_value"],
  [{ voice: "alloy" }, 400, "voice", "voice_not_found"],
  [{ voice: { name: "low" } }, 400, "voice", "invalid_value"],
  [{ response_format: "aac" }, 400, "response_format", "invalid_value"],
  [{ response_format: "__proto__" }, 400, "response_format", "invalid_value"],
  [{ speed: 5 }, 400, "speed", "invalid_value"],
  [{ speed: "1" }, 400, "speed", "invalid_value"],
  [{ stream_format: "websocket" }, 400, "stream_format", "invalid_value"],
  [{ instructions: "Whisper." }, 400, "instructions", "unsupported_parameter"],
  [{ seed: -1 }, 400, "seed", "invalid_value"],
  [{ volume: 3 }, 400, "volume", "unknown_parameter"],
])("refuses %j by name", async (body, status, param, code) => {
  const model = new FakeModel();
  const response = await new SpeechServer({ models: [model] }).fetch(order(body));
  const { error } = (await response.json()) as ErrorBody;

  expect(response.status).toBe(status);
  expect(error).toMatchObject({ type: "invalid_request_error", param, code });
  expect(model.said).toEqual([]);
});

test("takes as many bytes as its longest text may have", async () => {
  const server = new SpeechServer({ models: [new FakeModel()], maxCharacters: 20_000 });
  const response = await server.fetch(order({ input: "ä".repeat(35_000) }));
  expect(response.status).toBe(400); // Too many characters rather than bytes.
  const { error } = (await response.json()) as ErrorBody;
  expect(error).toMatchObject({ code: "string_above_max_length" });
});

test("says what is wanted", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });
  const message = async (body: object): Promise<string> =>
    ((await (await server.fetch(order(body))).json()) as ErrorBody).error.message;

  expect(await message({ voice: "alloy" })).toBe(
    'The model hum has no voice "alloy"; it has: low, high.',
  );
  expect(await message({ response_format: "aac" })).toBe(
    'response_format is "aac"; send one of mp3, opus, flac, wav, pcm.',
  );
  expect(await message({ speed: undefined, voice: undefined })).toBe(
    "voice is missing; send the name of a voice.",
  );
});

test.each<[string, RequestInit, number]>([
  ["no JSON", { body: "{" }, 400],
  ["a list", { body: "[]" }, 400],
  ["null", { body: "null" }, 400],
  ["nothing", { body: "" }, 400],
  ["a deep nest", { body: "[".repeat(60_000) }, 400],
  ["no UTF-8", { body: Uint8Array.of(0x22, 0xff, 0xfe, 0x22) }, 400],
  ["a form", { body: "model=hum", headers: { "content-type": "text/plain" } }, 415],
  ["too much", { body: `"${"a".repeat(70_000)}"` }, 413],
])("refuses a body that is %s", async (_, init, status) => {
  const response = await new SpeechServer({ models: [new FakeModel()] }).fetch(order({}, init));

  expect(response.status).toBe(status);
  expect(((await response.json()) as ErrorBody).error.message).not.toBe("");
});

test.each([
  ["GET", "/v1/audio/speech", 405],
  ["POST", "/v1/models", 405],
  ["OPTIONS", "/v1/models", 405],
  ["GET", "/", 404],
  ["GET", "/v1/models/../../etc/passwd", 404],
  ["GET", "//v1/models", 404],
  ["GET", "/v1/models/%E0%A4%A", 404],
  ["GET", "/__proto__", 404],
  ["GET", "/v1/models/hum", 200],
  ["HEAD", "/health", 200],
])("answers %s %s with %i", async (method, path, status) => {
  const server = new SpeechServer({ models: [new FakeModel()] });

  expect((await server.fetch(get(path, { method }))).status).toBe(status);
});

test("lists models and voices", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });

  expect(await (await server.fetch(get("/v1/models"))).json()).toMatchObject({
    object: "list",
    data: [{ id: "hum", object: "model", owned_by: "hawksbill" }],
  });
  expect(await (await server.fetch(get("/v1/audio/voices"))).json()).toEqual({
    voices: [
      { id: "low", name: "low", model: "hum" },
      { id: "high", name: "high", model: "hum" },
    ],
  });
});

test("wants the token where there is one, but for its health", async () => {
  const server = new SpeechServer({ models: [new FakeModel()], token: "secret" });
  const status = async (path: string, authorization?: string): Promise<number> =>
    (await server.fetch(get(path, authorization ? { headers: { authorization } } : {}))).status;

  expect(await status("/health")).toBe(200);
  expect(await status("/metrics")).toBe(401);
  expect(await status("/v1/models", "Bearer wrong")).toBe(401);
  expect(await status("/v1/models", "Basic secret")).toBe(401);
  expect(await status("/v1/models", "Bearer secret")).toBe(200);
});

test("lets pages of origins in that were named, and no others", async () => {
  const headers = {
    origin: "https://a.example",
    "access-control-request-headers": "authorization",
  };
  const ask = async (origins?: string[]): Promise<Response> => {
    const server = new SpeechServer({ models: [new FakeModel()], ...(origins ? { origins } : {}) });
    return server.fetch(get("/v1/audio/speech", { method: "OPTIONS", headers }));
  };

  expect((await ask()).status).toBe(405);
  const allowed = await ask(["https://a.example"]);
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([
    204,
    "https://a.example",
  ]);
  expect(allowed.headers.get("access-control-allow-headers")).toBe("authorization");
  expect((await ask(["https://b.example"])).headers.get("access-control-allow-origin")).toBeNull();
});

test("speaks one at a time, and tells those to come again who would wait too long", async () => {
  const model = new FakeModel({ pauseMilliseconds: 1 });
  const server = new SpeechServer({ models: [model], maxWaiting: 20 });
  const asked = Array.from({ length: 100 }, (_, i) =>
    server.fetch(order({ input: `number ${i}`, response_format: "pcm" })),
  );
  await aWhile();
  const { queues } = (await (await server.fetch(get("/health"))).json()) as { queues: object[] };

  const answers = await Promise.all(asked);
  const sizes = await Promise.all(answers.map(async (answer) => (await bytesOf(answer)).length));

  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBe(79);
  expect(refused.every(({ headers }) => Number(headers.get("retry-after")) >= 1)).toBe(true);
  expect(sizes.filter((size) => size === 2 * 4800).length).toBe(21);
  expect(model.said).toEqual(Array.from({ length: 21 }, (_, i) => `number ${i}`));
  expect([model.mostRunning, model.running]).toEqual([1, 0]);
  expect(queues).toHaveLength(1);
});

test("stops speaking when the client leaves, waiting or listening, and goes on with the next", async () => {
  const events: RequestEvent[] = [];
  const model = new FakeModel({ pauseMilliseconds: 2 });
  const server = new SpeechServer({ models: [model], onRequest: (event) => events.push(event) });
  const long = "word ".repeat(500);
  const patience = new AbortController();

  const listener = await server.fetch(order({ input: long, response_format: "pcm" }));
  const waiter = server.fetch(order({ input: "never said" }, { signal: patience.signal }));
  const next = server.fetch(order({ input: "next" }));
  await aWhile();
  patience.abort();
  expect((await waiter).status).toBe(499);
  await listener.body?.cancel();

  expect((await next).status).toBe(200);
  expect(model.said).toEqual([long, "next"]);
  expect([model.aborted, model.running]).toEqual([1, 0]);
  expect(events.slice(0, 2).map(({ status, outcome }) => [status, outcome])).toEqual([
    [499, "left"],
    [200, "left"],
  ]);
});

test("gives the model to the next one while a slow client has not taken its sound", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });

  const slow = await server.fetch(order({ response_format: "pcm" }));
  const other = await server.fetch(order({ response_format: "pcm" }));

  expect((await bytesOf(other)).length).toBe(3 * 4800);
  expect((await bytesOf(slow)).length).toBe(3 * 4800);
});

test("gives up a client that takes nothing", async () => {
  let tell = (_: RequestEvent): void => {};
  const over = new Promise<RequestEvent>((resolve) => {
    tell = resolve;
  });
  const server = new SpeechServer({
    models: [new FakeModel()],
    stallSeconds: 0.05,
    onRequest: (event) => tell(event),
  });

  const slow = await server.fetch(order({ response_format: "pcm" }));
  const reader = slow.body?.getReader();
  await reader?.read();

  expect((await over).outcome).toBe("cut");
  await expect(reader?.read()).rejects.toThrow("the client took nothing for 0.05 s");
});

test("does not make more ahead than it may keep", async () => {
  const model = new FakeModel();
  const server = new SpeechServer({ models: [model], maxBufferedBytes: 20_000 });

  const response = await server.fetch(order({ input: "la ".repeat(100), response_format: "pcm" }));
  await aWhile();
  expect(model.running).toBe(1);
  expect((await bytesOf(response)).length).toBe(4800 * 101);
  expect(model.running).toBe(0);
});

test("tells of errors with a status before there is sound, and by cutting it off after", async () => {
  const events: RequestEvent[] = [];
  const model = new FakeModel({
    fail: ({ text }, piece) => {
      if (text.startsWith("refuse")) throw new SpeechRefused('there is no "#" in this alphabet');
      if (text.startsWith("break") || piece === 2) throw new Error("disk of the weights is gone");
    },
  });
  const server = new SpeechServer({ models: [model], onRequest: (event) => events.push(event) });

  const refused = await server.fetch(order({ input: "refuse" }));
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as ErrorBody).error.message).toBe(
    'there is no "#" in this alphabet',
  );

  const broken = await server.fetch(order({ input: "break" }));
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain("disk"); // Not the client's business.

  const cut = await server.fetch(order({ response_format: "pcm" }));
  await expect(cut.arrayBuffer()).rejects.toThrow();
  const sse = await server.fetch(order({ response_format: "pcm", stream_format: "sse" }));
  expect(await sse.text()).toContain('data: {"error":{"message":"Speaking failed on the way."');

  expect(events.map(({ outcome, error }) => [outcome, error instanceof Error])).toEqual([
    ["answered", false],
    ["answered", true],
    ["cut", true],
    ["cut", true],
  ]);
  expect(model.running).toBe(0);
});

test("stops: finishes what is under way, takes nothing new, and cuts off what takes too long", async () => {
  const model = new FakeModel({ pauseMilliseconds: 5 });
  const server = new SpeechServer({ models: [model] });
  const grace = new AbortController();
  const first = server.fetch(order({ response_format: "pcm" }));
  await aWhile();
  const closed = server.close(grace.signal);

  expect((await server.fetch(order({}))).status).toBe(503);
  expect((await server.fetch(get("/health"))).status).toBe(503);
  expect((await server.fetch(get("/health/live"))).status).toBe(200);
  expect((await bytesOf(await first)).length).toBe(3 * 4800);
  await closed;

  const other = new SpeechServer({ models: [model] });
  const long = await other.fetch(order({ input: "la ".repeat(1000), response_format: "pcm" }));
  const waiting = other.fetch(order({}));
  await aWhile();
  const cut = other.close(AbortSignal.abort());
  await expect(long.arrayBuffer()).rejects.toThrow("The server is stopping");
  expect((await waiting).status).toBe(503);
  await cut;
});

test("measures what it does", async () => {
  const server = new SpeechServer({ models: [new FakeModel()] });
  await bytesOf(await server.fetch(order({ response_format: "pcm" })));
  await server.fetch(get("/nowhere"));
  await server.fetch(get("/elsewhere"));

  const text = await (await server.fetch(get("/metrics"))).text();

  expect(text).toContain('hawksbill_requests_total{route="/v1/audio/speech",status="200"} 1\n');
  expect(text).toContain('hawksbill_requests_total{route="other",status="404"} 2\n');
  expect(text).toContain('hawksbill_speaking{model="hum"} 0\n');
  expect(text).toContain("hawksbill_characters_total 13\n");
  expect(text).toMatch(/hawksbill_audio_seconds_total 0\.3\d*\n/);
  expect(text).toContain("hawksbill_speech_seconds_count 1\n");
  for (const line of text.trim().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]+\})? [\d.e+-]+)$/);
});

test("refuses settings that make no sense", () => {
  const model = new FakeModel();
  expect(() => new SpeechServer({ models: [] })).toThrow("there is no model");
  expect(() => new SpeechServer({ models: [model, new FakeModel()] })).toThrow("the same id");
  expect(() => new SpeechServer({ models: [model], token: "" })).toThrow("the token is empty");
  expect(() => new SpeechServer({ models: [model], maxBodyBytes: 0 })).toThrow("maxBodyBytes is 0");
});
