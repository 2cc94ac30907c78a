import { existsSync, readFileSync } from "node:fs";

/** The most memory that this process had. On Linux `maxRSS` may be that of the process which started it. */
export function peakMB(): number {
  const path = "/proc/self/status";
  const status = existsSync(path) ? readFileSync(path, "utf8") : "";
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
  return (kilobytes ? Number(kilobytes) : process.resourceUsage().maxRSS) / 1024;
}
