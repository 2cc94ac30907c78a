import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../run/run-events.js";
import { RunLog } from "../run/run-log.js";
import { writeReport } from "./write-report.js";

const summary = {
  heldOutMelLossBefore: 4,
  heldOutMelLossAfter: 3,
  heldOutTextLossBefore: 2,
  heldOutTextLossAfter: 2.5,
  steps: 2,
  seconds: { train: 61, total: 62 },
  peakMemoryMB: 500,
  afterSeconds: 0.5,
  afterStopped: true,
  device: "cpu",
  seed: 0,
};

const settings = {
  dataset: "/voices/<script>alert(1)</script>",
  base: "embedded",
  steps: 2,
  batchSize: 8,
  heldOut: 1,
  seed: 0,
  recipe: "hawksbill",
  device: "cpu",
} as const;

function step(step: number, mel: number): RunEvent {
  const metrics = { mel, text: 1 };
  const rest = { learningRate: 1, gradNorm: 1, seconds: 1, etaSeconds: 0 };
  return { type: "step", step, steps: 2, loss: mel, metrics, ...rest };
}

function evaluation(step: number, mel: number): RunEvent {
  return { type: "evaluation", step, steps: 2, loss: mel, metrics: { mel, text: 1 }, seconds: 1 };
}

let folder: string;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
  const samples = Float32Array.from({ length: 11_025 }, (_, i) => Math.sin(i / 10) / 2);
  for (const name of ["reference", "before", "after"])
    await writeFile(join(folder, `${name}.wav`), encodeWav({ samples, sampleRateHz: 22_050 }));
  const log = await RunLog.open(folder, () => {});
  const events: RunEvent[] = [
    { type: "speech", which: "before", seconds: 0.5, stopped: false },
    evaluation(0, 4),
    step(1, 4.5),
    step(2, 9), // Made again after a crash: the next one counts.
    step(2, 3.5),
    evaluation(2, 3),
    { type: "warning", message: "careful & slow" },
  ];
  for (const event of events) await log.write(event);
  await writeReport(folder, {
    sentence: { id: "a", text: `Tom & Jerry's "<b>"`, isHeldOut: true },
    settings,
    summary,
    leftOut: [
      {
        fault: "unknown-characters",
        id: "b",
        list: "metadata.csv",
        line: 3,
        path: "wavs/b.wav",
        reason: 'has "<i>"',
        advice: "take it out",
      },
    ],
    log,
  });
  page = await readFile(join(folder, "report.html"), "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

describe("the report", () => {
  test("says first what came of the run", () => {
    expect(page).toContain("<h1>Held-out mel loss fell by 25.0 %</h1>");
    expect(page).toContain("4.000 → 3.000");
  });

  test("escapes what files and people say", () => {
    expect(page).toContain("Tom &#38; Jerry&#39;s &#34;&#60;b&#62;&#34;");
    expect(page).toContain("metadata.csv:3: wavs/b.wav has &#34;&#60;i&#62;&#34;; take it out");
    expect(page).toContain("/voices/&#60;script&#62;alert(1)");
    expect(page).toContain("careful &#38; slow");
    expect(page).not.toContain("<script>alert");
  });

  test("needs no other file and no network", () => {
    const addresses = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]{0,20})/g)].map(([, uri]) => uri);

    expect(addresses.every((uri) => uri?.startsWith("data:"))).toBe(true);
    expect(page).not.toMatch(/@import|url\(|fetch\(|<link/);
  });

  test("has a player and a described picture for each of the three", () => {
    expect(page.match(/<audio controls/g)).toHaveLength(3);
    expect(page.match(/<img [^>]*src="data:image\/png;base64,[^"]+" alt="Mel/g)).toHaveLength(3);
    expect(page).toContain("the base model, cut at the longest, 0.5 s");
  });

  test("has the curves of all steps, each once", () => {
    const [, json = ""] = /<script type="application\/json">(.*?)<\/script>/.exec(page) ?? [];

    expect(JSON.parse(json)).toEqual({
      name: "mel loss",
      steps: [0, 1, 2],
      training: [null, 4.5, 3.5],
      smooth: [null, 4, 4],
      heldOut: [4, null, 3],
    });
  });
});
