import { type Device, type DeviceName, openDevice } from "@hawksbill/core";
import { jsonReporter, type Reporter, textReporter } from "./reporter.js";
import type { Terminal } from "./terminal.js";

/** What a command is run with. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command works with. */
export interface Tools {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly device: Device;
}

/** The options of which tools a command gets. */
export interface ToolOptions {
  readonly device?: "auto" | DeviceName | undefined;
  readonly threads?: number | undefined;
  readonly json?: true | undefined;
}

/** Runs a command's work with a device and a reporter, and lets go of both. */
export async function withTools(
  { terminal, signal }: Context,
  options: ToolOptions,
  work: (tools: Tools) => Promise<void>,
): Promise<void> {
  const reporter = options.json ? jsonReporter(terminal) : textReporter(terminal);
  try {
    const { threads } = options;
    const device = await openDevice(options.device, {
      ...(threads === undefined ? {} : { threads }),
      onFallback: ({ message }) => reporter.warn(`${message}; they run on the CPU, slowly`),
    });
    try {
      await work({ reporter, signal, device });
    } finally {
      await device.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reporter.event({ type: signal.aborted ? "interrupted" : "error", message });
    throw error;
  } finally {
    reporter.end();
  }
}
