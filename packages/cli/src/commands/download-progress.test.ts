import { expect, test } from "vitest";
import { textReporter } from "../reporter.js";
import { bytesText, downloadProgress } from "./download-progress.js";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [25_200_000, "25.2 MB"],
  [1_720_000_000, "1.72 GB"],
  [3e12, "3 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test("tells how far it is, how fast, and what goes wrong", () => {
  let out = "";
  let now = 0;
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: () => {},
    columns: () => 80,
  };
  const { onEvent, wasThere } = downloadProgress(
    { name: "a.pth", places: [] },
    textReporter(terminal),
    () => now,
  );
  const url = "https://server";

  expect(wasThere()).toBe(true);
  onEvent({ type: "start", url, keptBytes: 1_000_000, totalBytes: 8_000_000 });
  now = 2000;
  onEvent({ type: "progress", receivedBytes: 2_000_000, totalBytes: 8_000_000 });
  now = 2001;
  onEvent({ type: "progress", receivedBytes: 2_000_001, totalBytes: 8_000_000 }); // Too soon to tell.
  onEvent({ type: "retry", url, reason: "the connection was cut", waitSeconds: 1 });

  const lines = out
    .split("\n")
    .flatMap((line) => line.split("\r\x1b[2K"))
    .filter((line) => line);
  expect(lines).toEqual([
    "a.pth: going on after 1 MB",
    "███░░░░░░░░░ a.pth: 2 MB of 8 MB, 500 kB/s, 12 s left",
    "Warning: a.pth: https://server: the connection was cut; trying again in 1 s",
  ]);
  expect(wasThere()).toBe(false);
});
