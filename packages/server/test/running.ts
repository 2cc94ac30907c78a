/// <reference types="node" />
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type RequestEvent, SpeechServer, type SpeechServerOptions } from "../src/index.js";
import { type ServeOptions, serve } from "../src/node/index.js";
import { FakeModel, type FakeModelOptions } from "./fake-model.js";

/** A server with a fake model that listens for the length of a test. */
export interface Running {
  readonly url: string;
  readonly model: FakeModel;
  readonly events: RequestEvent[];
  close(options?: { readonly graceSeconds?: number }): Promise<void>;
}

export async function run(
  model: FakeModelOptions = {},
  options: Partial<SpeechServerOptions> = {},
  listening: ServeOptions = {},
): Promise<Running> {
  const fake = new FakeModel(model);
  const events: RequestEvent[] = [];
  const speech = new SpeechServer({
    models: [fake],
    onRequest: (event) => events.push(event),
    ...options,
  });
  const { url, close } = await serve(speech, { port: 0, ...listening });
  onTestFinished(() => close({ graceSeconds: 0 }));
  return { url, model: fake, events, close };
}

/** A request for speech as `fetch` takes it. */
export function speechInit(body: object): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "hum", input: "one two three", voice: "low", ...body }),
  };
}

/** A connection that can send anything. */
export interface RawConnection {
  readonly socket: Socket;
  /** All that was answered, when the other side has closed; or what came until then, after so many milliseconds. */
  answer(milliseconds: number): Promise<string>;
}

export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
  });
  socket.on("error", () => {}); // It was closed from the other side while we were writing.
  await once(socket, "connect");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    async answer(milliseconds) {
      const patience = new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref());
      await Promise.race([closed, patience]);
      return received;
    },
  };
}

/** Waits until something is so; tests end by themselves where it never is. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
