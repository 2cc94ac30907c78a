import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../run/run-events.js";
import { RunLog } from "../run/run-log.js";
import { RunReport, spread } from "./run-report.js";

const summary = {
  heldOutLossBefore: 4.02,
  heldOutLossAfter: 3.03,
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
  lora: 16,
  basePrecision: "int8",
  best: true,
  betas: [0.9, 0.99],
} as const;

function step(step: number, mel: number): RunEvent {
  const metrics = { mel, text: 1 };
  const rest = { learningRate: 1, gradNorm: 1, seconds: 1, etaSeconds: 0 };
  return { type: "step", step, steps: 2, loss: mel, metrics, ...rest };
}

function evaluation(step: number, mel: number): RunEvent {
  const metrics = { mel, text: 1, codePerplexity: 10 * mel, stopAccuracy: step / 2 };
  return { type: "evaluation", step, steps: 2, loss: mel, metrics, seconds: 1 };
}

function reportOf(log: RunLog): RunReport {
  return new RunReport(folder, {
    sentence: { id: "a", text: `Tom & Jerry's "<b>"`, isHeldOut: true },
    settings,
    summary: () => summary,
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
    start: {
      type: "start",
      time: "2026-01-02T03:04:05.678Z",
      hawksbill: "1.2.3",
      platform: "here",
      device: "cpu",
      fromStep: 0,
    },
    resumeCommand: "hawksbill finetune --resume my-run",
    onProblem: (error) => {
      throw error;
    },
  });
}

async function written(): Promise<string> {
  return readFile(join(folder, "report.html"), "utf8");
}

let folder: string;
let log: RunLog;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hawksbill-"));
  const samples = Float32Array.from({ length: 11_025 }, (_, i) => Math.sin(i / 10) / 2);
  for (const name of ["reference", "before", "after"])
    await writeFile(join(folder, `${name}.wav`), encodeWav({ samples, sampleRateHz: 22_050 }));
  log = await RunLog.open(folder, { onProblem: () => {} });
  const events: RunEvent[] = [
    { type: "speech", which: "before", seconds: 0.5, stopped: false },
    evaluation(0, 4),
    step(1, 4.5),
    step(2, 3.5),
    { type: "sample", step: 2, file: "before.wav", seconds: 0.5, stopped: true },
    evaluation(2, 3),
    { type: "warning", message: "careful & slow" },
    { type: "speech", which: "after", seconds: 0.5, stopped: true },
  ];
  for (const event of events) await log.write(event);
  await reportOf(log).finish();
  page = await written();
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
    expect(page.match(/<audio controls preload="metadata"/g)).toHaveLength(3);
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
      best: 2,
    });
  });

  test("has players of the samples on the way", () => {
    expect(page).toContain("<span>Step 2</span>");
    expect(page.match(/aria-label="Step 2" src="data:audio\/wav;base64,/g)).toHaveLength(1);
  });

  test("marks the best measurement, and tells how many ends are known", () => {
    expect(page).toContain('<tr class="best"><th scope="row">2 <strong>best</strong></th>');
    expect(page).toContain("<td>3.000</td><td>1.000</td><td>30.0</td><td>100 %</td>");
    expect(page).not.toContain("It overfits");
  });

  test("tells all settings that were chosen", () => {
    const rows = [
      ["optimizer", "adamw"],
      ["lora", "16"],
      ["base precision", "int8"],
      ["best", "yes"],
      ["betas", "0.9, 0.99"],
    ];
    for (const [name, value] of rows)
      expect(page).toContain(`<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  });

  test("is not read anew when the run is done", () => {
    expect(page).not.toContain('id="live"');
    expect(page).not.toContain("http-equiv");
  });
});

describe("while a run is under way", () => {
  test("the page says where it stands and reads itself anew", async () => {
    const report = reportOf(log);
    await report.offer();
    const page = await written();

    expect(page).toContain("<h1>Training: step 2 of 2</h1>");
    expect(page).toContain('id="live" role="status" data-refresh-seconds="10"');
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="10"></noscript>');

    await writeFile(join(folder, "report.html"), "not yet due");
    await report.offer();
    expect(await written()).toBe("not yet due");

    await report.stop();
    expect(await written()).toContain("<h1>Stopped after step 2 of 2</h1>");
    expect(await written()).toContain("Go on with: hawksbill finetune --resume my-run");
  });

  test("a page that is done stays", async () => {
    const report = reportOf(log);
    await report.finish();
    await report.offer();
    await report.stop();

    expect(await written()).toContain("<h1>Held-out mel loss fell by 25.0 %</h1>");
  });

  test("says where the model begins to overfit", async () => {
    for (const [step, mel] of [
      [3, 3.1],
      [4, 3.2],
    ] as const)
      await log.write(evaluation(step, mel));
    await reportOf(log).offer();
    const page = await written();

    expect(page).toContain("It overfits: the held-out loss was lowest after step 2 (3.000)");
    expect(page).toContain('"best":2,"overfits":3}');
  });
});

test("of many samples the first, the last and some between are shown", () => {
  expect(spread([1, 2, 3], 4)).toEqual([1, 2, 3]);
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 5)).toEqual([0, 2, 4, 6, 8]);
});
