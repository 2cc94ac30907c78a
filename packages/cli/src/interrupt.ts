/** Signals that ask a process to end: Ctrl-C, a service that stops it, a window that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `npx` passes Ctrl-C on to a process that had it from the terminal already: the two come together. */
const echoMilliseconds = 500;

/** Aborts at the first Ctrl-C, so that work can be saved; ends the process at the second. */
export function interruptSignal(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined && performance.now() - firstAt > echoMilliseconds) process.exit(130);
    firstAt ??= performance.now();
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return controller.signal;
}
