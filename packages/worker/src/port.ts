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

/** An end of a channel between two processes of Node: in the one that `fork` of `child_process` started, `process`. */
export interface ProcessPort {
  send?(message: unknown): unknown;
  disconnect?(): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

/** What `fork` gives. Its option `serialization: "advanced"` lets arrays and tensors cross. */
export interface ChildPort extends ProcessPort {
  readonly spawnfile: string;
  kill(signal: "SIGKILL"): unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
  on(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
}

export type WorkerPort = WebPort | NodePort | ProcessPort | ChildPort;

/** Hears of messages, and of the other side's end. */
export function listen(
  port: WorkerPort,
  onMessage: (message: unknown) => void,
  onEnd: (reason: string) => void,
): void {
  if (isChild(port)) {
    port.on("message", onMessage);
    port.on("error", (error) => onEnd(error.message));
    port.on("exit", (code, signal) =>
      onEnd(signal ? `it was ended by ${signal}` : `it exited with code ${code}`),
    );
    return;
  }
  if (isProcess(port)) {
    port.on("message", onMessage);
    port.on("error", (error) => onEnd(error.message));
    port.on("disconnect", () => onEnd("its channel was closed"));
    return;
  }
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

/** Sends a message. @param transfer Memory to be moved, where the channel can: from process to process it is copied. */
export function send(port: WorkerPort, message: unknown, transfer: ArrayBuffer[]): void {
  if (isProcess(port)) port.send?.(message);
  else port.postMessage(message, transfer);
}

/**
 * Ends the other side: a process and a Web Worker at once. A thread of Node is asked to end, by `askToEnd`, since ONNX
 * Runtime takes the whole process down when a thread is ended within one of its runs.
 */
export function endOther(port: WorkerPort, askToEnd: () => void): void {
  if (isChild(port)) port.kill("SIGKILL");
  else if (isProcess(port)) port.disconnect?.();
  else if ("on" in port && port.terminate) askToEnd();
  else if (port.terminate) port.terminate();
  else port.close?.();
}

export function isProcess(port: WorkerPort): port is ProcessPort {
  return !("postMessage" in port);
}

function isChild(port: WorkerPort): port is ChildPort {
  return "spawnfile" in port;
}
