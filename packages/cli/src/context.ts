import {
  type Device,
  type DeviceName,
  type DeviceOptions,
  type Fallback,
  openDevice,
} from "@hawksbill/core";
import { withFlags } from "./option-names.js";
import { jsonReporter, type Reporter, textReporter } from "./reporter.js";
import type { Terminal } from "./terminal.js";

/** What a command is run with. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command works with that computes nothing on this thread. */
export interface ReportingTools {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** What a command works with. */
export interface Tools extends ReportingTools {
  readonly device: Device;
}

/** The options of which tools a command gets. */
export interface ToolOptions {
  readonly device?: "auto" | DeviceName | undefined;
  readonly threads?: number | undefined;
  readonly products?: "fp32" | "fp16" | undefined;
  readonly json?: true | undefined;
}

/** Runs a command's work with a device and a reporter, and lets go of both. */
export async function withTools(
  context: Context,
  options: ToolOptions,
  work: (tools: Tools) => Promise<void>,
): Promise<void> {
  await withReporter(context, options, (tools) => withDevice(tools, options, work));
}

/** Runs the part of a command's work that computes with a device, and lets go of it. */
export async function withDevice(
  { reporter, signal }: ReportingTools,
  options: Omit<ToolOptions, "json">,
  work: (tools: Tools) => Promise<void>,
): Promise<void> {
  const device = await openDevice(options.device, {
    ...deviceOptions(options),
    onFallback: warnOfFallback(reporter),
  });
  tellChoice(device, reporter);
  try {
    await work({ reporter, signal, device });
  } finally {
    await device.close();
  }
}

/** @internal Says which device "auto" took, and why; not where there was no other to be had. */
export function tellChoice(
  { name, chosenBecause: why }: Pick<Device, "name" | "chosenBecause">,
  reporter: Pick<Reporter, "note" | "event">,
): void {
  if (why === undefined || why.endsWith("is the only one that is likely here")) return;
  reporter.event({ type: "auto", name, why });
  reporter.note(`auto: ${name} (${why})`);
}

/** How a command wants its device. */
export function deviceOptions({
  threads,
  products,
}: ToolOptions): Pick<DeviceOptions, "threads" | "products"> {
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(products === "fp16" ? { products: "float16" } : {}),
  };
}

/** Says that a device lacks operators. */
export function warnOfFallback(reporter: Reporter): (fallback: Fallback) => void {
  return ({ message }) => reporter.warn(`${message}; they run on the CPU, slowly`);
}

/** Runs a command's work with a reporter, and lets go of it. */
export async function withReporter(
  { terminal, signal }: Context,
  options: Pick<ToolOptions, "json">,
  work: (tools: ReportingTools) => Promise<void>,
): Promise<void> {
  const reporter = options.json ? jsonReporter(terminal) : textReporter(terminal);
  try {
    await work({ reporter, signal });
  } catch (error) {
    const message = withFlags(error instanceof Error ? error.message : String(error));
    reporter.event({ type: signal.aborted ? "interrupted" : "error", message });
    throw error;
  } finally {
    reporter.end();
  }
}
