import pc from "picocolors";
import { printable } from "./format.js";
import type { Terminal } from "./terminal.js";

/** Tells whoever runs a command what it does: people in sentences, programs in JSON lines. */
export interface Reporter {
  /** One or more lines to keep. */
  note(text: string): void;
  /** Something is not as asked for, but work goes on. */
  warn(text: string): void;
  /**
   * How far the work has come; one such line takes the place of the last.
   *
   * @param share Of the work that is done, where it shall be drawn.
   */
  progress(text: string, share?: number): void;
  /** The same as data, for programs only. */
  event<E extends { readonly type: string }>(event: E): void;
  /** No more comes; the progress line is done. */
  end(): void;
}

/** Sentences, with a progress line that is written over itself in a window. */
export function textReporter(terminal: Terminal, now: () => number = Date.now): Reporter {
  const colors = pc.createColors(terminal.color ?? false);
  const line = terminal.columns
    ? liveLine(terminal.out, terminal.columns)
    : plainLines(terminal.out, now);
  const write = (text: string): void => {
    line.clear();
    terminal.out(`${text}\n`);
  };
  return {
    note: (text) => write(printable(text)),
    warn: (text) => write(colors.yellow(`Warning: ${printable(text)}`)),
    progress: (text, share) => line.write(printable(text), share),
    event: () => {},
    end: line.clear,
  };
}

/** One JSON object a line. */
export function jsonReporter(terminal: Terminal): Reporter {
  const event = (event: object): void => terminal.out(`${JSON.stringify(event)}\n`);
  return {
    note: () => {},
    progress: () => {},
    warn: (message) => event({ type: "warning", message }),
    event,
    end: () => {},
  };
}

interface ProgressLine {
  write(text: string, share?: number): void;
  /** Makes way for a line to keep. */
  clear(): void;
}

function liveLine(out: Terminal["out"], columns: () => number): ProgressLine {
  let isShown = false;
  return {
    write(text, share) {
      isShown = true;
      const line = share === undefined ? text : `${bar(share)} ${text}`;
      out(`\r\x1b[2K${line.slice(0, columns() - 1)}`);
    },
    clear() {
      if (isShown) out("\r\x1b[2K");
      isShown = false;
    },
  };
}

function bar(share: number): string {
  const width = 12;
  const full = Math.round(share * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/** Milliseconds between progress lines in a pipe or file, where each stays. */
const plainInterval = 10_000;

/** The first line, one now and then, and the last one before a note. */
function plainLines(out: Terminal["out"], now: () => number): ProgressLine {
  let shownAt = Number.NEGATIVE_INFINITY;
  let waiting: string | undefined;
  return {
    write(text) {
      waiting = text;
      if (now() - shownAt < plainInterval) return;
      shownAt = now();
      waiting = undefined;
      out(`${text}\n`);
    },
    clear() {
      if (waiting !== undefined) out(`${waiting}\n`);
      waiting = undefined;
    },
  };
}
