/** An end of a channel as browsers have it: a `Worker`, a `MessagePort`, or a worker's own global scope. */
export interface WebPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(
    type: "message" | "error" | "messageerror",
    listener: (event: { readonly data?: unknown; readonly message?: string }) => void,
  ): void;
  /** Of a `MessagePort`: begins to deliver. */
  start?(): void;
  terminate?(): void;
  close?(): void;
}

/** An end of a channel as Node's `worker_threads` has it: a `Worker`, a `MessagePort`, or `parentPort`. */
export interface NodePort {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "error" | "messageerror", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  terminate?(): unknown;
  close?(): void;
}

export type WorkerPort = WebPort | NodePort;

/** Hears of messages, and of the other side's end. */
export function listen(
  port: WorkerPort,
  onMessage: (message: unknown) => void,
  onEnd: (reason: string) => void = () => undefined,
): void {
  if ("on" in port) {
    port.on("message", onMessage);
    port.on("error", (error) => onEnd(error.message));
    port.on("messageerror", (error) => onEnd(`a message could not be read: ${error.message}`));
    port.on("exit", (code) => onEnd(`it exited with code ${code}`));
    port.on("close", () => onEnd("its port was closed"));
    return;
  }
  port.addEventListener("message", (event) => onMessage(event.data));
  port.addEventListener("error", (event) => onEnd(event.message ?? "its script did not load"));
  port.addEventListener("messageerror", () => onEnd("a message could not be read"));
  port.start?.();
}
