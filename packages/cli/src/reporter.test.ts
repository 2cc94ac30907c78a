import { expect, test } from "vitest";
import { jsonReporter, type Reporter, textReporter } from "./reporter.js";
import type { Terminal } from "./terminal.js";

/** What a reporter prints; its clock stands still but for `wait`. */
function printed(
  terminal: Partial<Terminal>,
  use: (r: Reporter, wait: (s: number) => void) => void,
) {
  let text = "";
  let now = 0;
  const out = (more: string): void => {
    text += more;
  };
  const wait = (seconds: number): void => {
    now += 1000 * seconds;
  };
  use(
    textReporter({ out, error: () => {}, ...terminal }, () => now),
    wait,
  );
  return text;
}

test("in a window, progress is one line that makes way for notes", () => {
  const text = printed({ columns: () => 30 }, (reporter) => {
    reporter.progress("step 1/4", 0.25);
    reporter.progress("step 2/4", 0.5);
    reporter.note("half of it");
  });

  expect(text).toBe(
    "\r\x1b[2K███░░░░░░░░░ step 1/4\r\x1b[2K██████░░░░░░ step 2/4\r\x1b[2Khalf of it\n",
  );
});

test("in a window, progress is cut to its width", () => {
  const text = printed({ columns: () => 8 }, ({ progress }) => progress("a long line"));

  expect(text).toBe("\r\x1b[2Ka long ");
});

test("in a pipe, progress is a line every ten seconds, and the last one", () => {
  const text = printed({}, (reporter, wait) => {
    for (let step = 1; step <= 5; step++) {
      reporter.progress(`step ${step}`, step / 5);
      wait(4);
    }
    reporter.note("done");
  });

  expect(text).toBe("step 1\nstep 4\nstep 5\ndone\n");
});

test("names of strangers move no cursor", () => {
  const text = printed({}, ({ note, progress }) => {
    note("a\x1b[2Jb.wav:1: is missing\n\tadd it");
    progress("\x1b]0;title\x07");
    note("abc\u202egpj.exe");
  });

  expect(text).toBe(
    "a\\u{1b}[2Jb.wav:1: is missing\n\tadd it\n\\u{1b}]0;title\\u{7}\nabc\\u{202e}gpj.exe\n",
  );
});

test("warnings are yellow where colours are shown", () => {
  expect(printed({}, ({ warn }) => warn("careful"))).toBe("Warning: careful\n");
  expect(printed({ color: true }, ({ warn }) => warn("careful"))).toBe(
    "\x1b[33mWarning: careful\x1b[39m\n",
  );
});

test("for programs, each event is a line of JSON", () => {
  let text = "";
  const reporter = jsonReporter({
    out: (more) => {
      text += more;
    },
    error: () => {},
  });

  reporter.note("for people");
  reporter.progress("for people");
  reporter.warn("careful");
  reporter.event({ type: "step", loss: Number.NaN });

  expect(text).toBe('{"type":"warning","message":"careful"}\n{"type":"step","loss":null}\n');
});
