import type { DownloadEvent, RemoteFile } from "@hawksbill/hub";
import { duration } from "../format.js";
import type { Reporter } from "../reporter.js";

/** `412 bytes`, `25.2 MB`, `1.72 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${["kB", "MB", "GB", "TB"][power - 1]}`;
}

/** Milliseconds between progress lines: bytes come in thousands of pieces a second. */
const interval = 100;

/**
 * Tells of one file's download.
 *
 * @param now Milliseconds of a clock.
 */
export function downloadProgress(
  { name, approximateBytes }: RemoteFile,
  reporter: Reporter,
  now: () => number = Date.now,
): { readonly onEvent: (event: DownloadEvent) => void; readonly wasThere: () => boolean } {
  let wasThere = true;
  let began = { at: now(), bytes: 0 };
  let toldAt = Number.NEGATIVE_INFINITY;

  function progress(receivedBytes: number, totalBytes = approximateBytes): void {
    if (now() - toldAt < interval && receivedBytes !== totalBytes) return;
    toldAt = now();
    const seconds = (toldAt - began.at) / 1000;
    const rate = seconds >= 1 ? (receivedBytes - began.bytes) / seconds : 0;
    const parts = [
      totalBytes === undefined
        ? bytesText(receivedBytes)
        : `${bytesText(receivedBytes)} of ${bytesText(totalBytes)}`,
    ];
    if (rate >= 1) parts.push(`${bytesText(Math.round(rate))}/s`);
    if (rate >= 1 && totalBytes !== undefined)
      parts.push(`${duration(Math.max(0, totalBytes - receivedBytes) / rate)} left`);
    const share = totalBytes ? Math.min(1, receivedBytes / totalBytes) : undefined;
    reporter.progress(`${name}: ${parts.join(", ")}`, share);
    reporter.event({ type: "progress", name, receivedBytes, totalBytes });
  }

  function onEvent(event: DownloadEvent): void {
    if (event.type !== "progress") reporter.event({ name, ...event });
    switch (event.type) {
      case "progress":
        progress(event.receivedBytes, event.totalBytes);
        break;
      case "start":
        wasThere = false;
        began = { at: now(), bytes: event.keptBytes };
        if (event.keptBytes > 0)
          reporter.note(`${name}: going on after ${bytesText(event.keptBytes)}`);
        break;
      case "retry":
        reporter.warn(
          `${name}: ${event.url}: ${event.reason}; trying again in ${event.waitSeconds} s`,
        );
        break;
      case "failure":
        reporter.warn(`${name}: ${event.url}: ${event.reason}`);
        break;
      case "verifying":
        reporter.progress(`${name}: verifying`, 1);
        break;
      case "verified":
        wasThere = false;
        break;
    }
  }

  return { onEvent, wasThere: () => wasThere };
}
