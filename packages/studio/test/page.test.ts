import { readdirSync, statSync } from "node:fs";
import { decodeWav } from "@hawksbill/audio";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import { decodeAdapter } from "@hawksbill/trainer";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Download,
  type Page,
} from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../../tools/chromium.mjs";
import { pagePolicy } from "../src/headers.js";
import { studioFolder } from "../src/index.js";
import { type ServedStudio, serveStudio } from "../src/node/index.js";
import { buildPage } from "./built-page.js";
import { expectAccessible, section, setNumber, voiceFiles } from "./studio-page.js";

const executablePath = findChromium();
/** Busy cores have been seen to take twenty times as long as idle ones. */
const timeout = 400_000;
/** So many that idle cores do not reach the end before the test has seen one in the middle. */
const steps = 30;
/** A checkpoint is kept every five steps. */
const afterFirstCheckpoint = /^Training, step ([6-9]|[12]\d) of/;
const stoppedAtCheckpoint = /^Stopped after step (5|10|15|20|25) of/;

/** The most that scripts and styles may be in kB (1000 bytes), packed by no server: at first, and when they are needed. */
const mostKilobytes = { page: 90, "clips-worker": 360, "model-worker": 580, later: 520 } as const;

describe.skipIf(!executablePath)("the studio in Chromium (needs Chromium)", () => {
  let studio: ServedStudio;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const addresses: string[] = [];
  const complaints: string[] = [];
  /** Kinds of what the browser asked. */
  const dialogs: string[] = [];

  beforeAll(async () => {
    await buildPage();
    studio = await serveStudio();
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
      ],
    });
    context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
    context.setDefaultTimeout(timeout);
    context.on("request", (request) => addresses.push(request.url()));
    page = await context.newPage();
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.type());
      dialog.accept();
    });
    await page.goto(studio.url);
  }, timeout);

  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });

  test("reads clips with their texts, and says what they are like", { timeout }, async () => {
    await page.getByLabel("Choose files").setInputFiles(voiceFiles(8));

    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
    const text = page.getByLabel("What is said in slt-001", { exact: true });
    expect(await text.inputValue()).toBe("The water in the bay is warm this week.");
    await expectAccessible(page);
  });

  test("says of each clip what is wrong, as its text is corrected", { timeout }, async () => {
    const text = page.getByLabel("What is said in slt-002", { exact: true });
    await text.fill("");
    await text.blur();
    await page.getByText("The text is empty; write what is said").waitFor();
    await page.getByRole("button", { name: "Mel spectrogram of slt-002" }).click();
    await page.getByRole("img", { name: "Mel spectrogram of slt-002" }).waitFor();
    await expectAccessible(page);

    await text.fill("My sister keeps her paints in a wooden box.");
    await text.blur();
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
  });

  test("keeps what is being written, though clips are checked, or it is reloaded", {
    timeout,
  }, async () => {
    const first = page.getByLabel("What is said in slt-001", { exact: true });
    const second = page.getByLabel("What is said in slt-002", { exact: true });
    const whole = await first.inputValue();
    await first.fill("");
    await second.press("End");
    await second.pressSequentially(" And a ");
    await page.getByText("The text is empty; write what is said").waitFor();
    expect(await second.inputValue()).toBe("My sister keeps her paints in a wooden box. And a ");
    await first.fill(whole);
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();

    await page.reload();
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
    expect(await first.inputValue()).toBe(whole);
    expect(await second.inputValue()).toBe("My sister keeps her paints in a wooden box. And a");
    expect(dialogs).toEqual([]);
  });

  test("stays where it is when a file is dropped beside its place", { timeout }, async () => {
    const isPrevented = await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["RIFF"], "a.wav"));
      const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
      document.querySelector("footer").dispatchEvent(drop);
      return drop.defaultPrevented;
    })()`);
    expect(isPrevented).toBe(true);
  });

  test("records a sentence with its text", { timeout }, async () => {
    const shown = page.getByText(/^To be read aloud: /);
    const prompt = await shown.textContent();
    await page.getByRole("button", { name: "Record a sentence" }).click();
    await page.getByRole("meter", { name: "Loudness" }).waitFor();
    expect(await shown.textContent()).toBe(prompt);
    await page.waitForTimeout(1500);
    await page.getByRole("button", { name: "Stop and keep" }).click();

    await page.getByText(/^9 clips, /).waitFor();
    const text = page.getByLabel("What is said in Recording 9", { exact: true });
    expect(prompt).toBe(`To be read aloud: “${await text.inputValue()}”`);
    expect(await shown.textContent()).not.toBe(prompt);
    await page.getByRole("button", { name: "Remove Recording 9" }).click();
    await page.getByRole("button", { name: "Yes, remove Recording 9" }).click();
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
    const focused = await page.evaluate("document.activeElement.getAttribute('aria-label')");
    expect(focused).toBe("Remove slt-008");
  });

  test("stays with its base where another is not there", { timeout }, async () => {
    const base = section(page, "2 The base");
    await base.getByRole("radio", { name: "My own files" }).click();
    await page.getByText("is not there; choose the base's files again").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Dismiss" }).click();
    expect(await base.getByRole("radio", { name: "The small base" }).isChecked()).toBe(true);
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
  });

  test("goes on after it was frozen, reloaded, and left by its worker", { timeout }, async () => {
    await page.getByText("Settings", { exact: true }).click();
    await setNumber(page, "Steps", steps);
    await setNumber(page, "Clips a step", 2);
    await setNumber(page, "Steps between samples", steps);
    await setNumber(page, "Steps of fitting the decoder", 2);
    await page.getByRole("button", { name: "Fine-tune on 8 clips" }).click();
    await page.getByText(/^Training, step \d of/).waitFor();
    await freeze(page, 1000);
    await page.getByText(afterFirstCheckpoint).waitFor();

    await page.reload();
    expect(dialogs).toEqual(["beforeunload"]);
    await page.getByText(stoppedAtCheckpoint).waitFor();
    expect(await page.locator(".clip").count()).toBe(8);
    const clipsAStep = page.getByRole("spinbutton", { name: "Clips a step", includeHidden: true });
    expect(await clipsAStep.inputValue()).toBe("2");
    await expect.poll(() => page.evaluate(curvePixels), { timeout }).toBeGreaterThan(0);
    expect(await page.getByLabel("Model", { exact: true }).inputValue()).toBe("base");
    const text = page.getByLabel("What is said in slt-001", { exact: true });
    const before = await text.inputValue();
    await text.fill("Something else.");
    await page.getByText("those of 1 clip were corrected since").waitFor();
    await page.getByRole("button", { name: "Remove slt-001" }).click();
    await page.getByText("cannot go on without it").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await text.fill(before);
    await page.getByRole("button", { name: /^Go on from step/ }).click();
    await page.getByText(afterFirstCheckpoint).waitFor();

    await endWorker(page, "model-worker");
    await page.getByText("worker: it ended (Uncaught Error: no more memory)").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText(stoppedAtCheckpoint).waitFor();
    await page.getByRole("button", { name: /^Go on from step/ }).click();
    await page.getByText(`Done: ${steps} steps`).waitFor();
    const { losses, measured } = await run(page);
    expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(measured.map(({ step }) => step)).toEqual([0, steps]);
    expect(measured[1]?.mel).toBeLessThan(measured[0]?.mel ?? 0);
  });

  test("fine-tunes in one tab at a time", { timeout }, async () => {
    const other = await context.newPage();
    await other.goto(studio.url);
    await other.evaluate(
      "void navigator.locks.request('fine-tuning', () => new Promise(() => {}))",
    );
    const startOver = page.getByRole("button", { name: "Start over with 8 clips" });
    await startOver.click();
    await page.getByRole("alertdialog", { name: "Start over?" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await startOver.click();
    await page.getByRole("button", { name: "Yes, start over with 8 clips" }).click();
    await page.getByText("Another tab of the studio is fine-tuning").waitFor();
    await other.close();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText(`Done: ${steps} steps`).waitFor();
  });

  test("speaks before and after, beside the recording", { timeout }, async () => {
    const listen = section(page, "4 Listen");
    for (const name of ["Recording", "Before", "After"]) {
      const saved = page.waitForEvent("download");
      await listen.getByRole("button", { name: `Save ${name} as a file` }).click();
      const { samples, sampleRateHz } = await wavOf(await saved);
      expect(sampleRateHz).toBe(22_050);
      expect(samples.length).toBeGreaterThan(4000);
      expect(loudness(samples)).toBeGreaterThan(0.01);
    }
    await listen.getByRole("button", { name: "Play After" }).click();
    await listen.getByRole("button", { name: "Stop After" }).waitFor();
  });

  test("says any text with the fine-tuned model", { timeout }, async () => {
    const listen = section(page, "4 Listen");
    await listen.getByLabel("Text").fill("A fox.");
    await listen.getByRole("button", { name: "Speak" }).click();
    await listen.getByRole("button", { name: "Play “A fox.”" }).waitFor();
  });

  test("gives model and voice as files", { timeout }, async () => {
    const take = section(page, "5 Take it with you");
    expect(await take.getByRole("button", { name: "Save the adapter" }).isDisabled()).toBe(true);
    for (const [name, entry] of [
      ["Save the checkpoint", "unified-voice.safetensors"],
      ["Save the voice", "wavs/clip-0008.wav"],
    ] as const) {
      const saved = page.waitForEvent("download");
      await take.getByRole("button", { name }).click();
      expect((await bytesOf(await saved)).includes(entry)).toBe(true);
    }
  });

  test("stops when it is told to, and gives its adapter as a file", { timeout }, async () => {
    await page.getByText("Settings", { exact: true }).click();
    await page.getByLabel("What is trained").selectOption("An adapter of rank 8");
    await setNumber(page, "Steps", 10 * steps);
    await setNumber(page, "Clips a step", 2);
    await page.getByRole("button", { name: "Start over with 8 clips" }).click();
    await page.getByRole("button", { name: "Yes, start over with 8 clips" }).click();
    await page.getByText(/^Training, step [1-9]/).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Stop", exact: true }).click();

    await page.getByText(/^Stopped after step \d+ of/).waitFor();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the adapter" }).click();
    const adapter = decodeAdapter(decodeSafetensors(await bytesOf(await saved)));
    expect(adapter.rank).toBe(8);
    expect(await page.getByLabel("Model", { exact: true }).inputValue()).toBe("trained");
  });

  test("is accessible in the dark, and fits a phone", { timeout }, async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectAccessible(page);
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBeLessThanOrEqual(0);
  });

  test("says that it could not be kept", { timeout }, async () => {
    const other = await context.newPage();
    await other.addInitScript(
      "navigator.serviceWorker.register = () => Promise.reject(new Error('The disk is full.'))",
    );
    await other.goto(studio.url);
    await other.getByText("It could not be kept for use without a network.").waitFor();
    await other.close();
  });

  test("can be installed, and opens without a network", { timeout }, async () => {
    await page.getByText("It is ready to be used without a network").waitFor();
    const devTools = await context.newCDPSession(page);
    const { installabilityErrors } = await devTools.send("Page.getInstallabilityErrors");
    // The one thing in its way is that the test's browser is a private one.
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(["in-incognito"]);
    expect(await keptNames(page)).toContain("spoken");
    await context.setOffline(true);
    await page.reload();

    await expect.poll(() => keptNames(page), { timeout }).not.toContain("spoken");
    await page.getByText(/^8 clips, 8 ready to learn from/).waitFor();
    await page.getByRole("button", { name: "Try it with the embedded voice" }).click();
    await page.getByText(/^72 clips, 72 ready to learn from/).waitFor();
    await context.setOffline(false);
  });

  test("loads no more than it should", () => {
    const kilobytes = { page: 0, "clips-worker": 0, "model-worker": 0, later: 0 };
    const assets = new URL("assets/", studioFolder);
    for (const name of readdirSync(assets).filter((name) => /\.(js|css)$/.test(name))) {
      const part = /^(page|clips-worker|model-worker)-/.exec(name)?.[1] ?? "later";
      kilobytes[part as keyof typeof kilobytes] += statSync(new URL(name, assets)).size / 1000;
    }
    for (const [part, most] of Object.entries(mostKilobytes)) {
      expect(kilobytes[part as keyof typeof kilobytes], part).toBeLessThan(most);
      expect(kilobytes[part as keyof typeof kilobytes], part).toBeGreaterThan(most / 2);
    }
  });

  test("asks nothing of any other address, and could not", { timeout }, async () => {
    const strange = addresses.filter(
      (address) => !address.startsWith(studio.url) && !address.startsWith("blob:"),
    );
    expect(strange).toEqual([]);
    expect(complaints).toEqual([]);
    const asked = await page.evaluate(
      "fetch('http://127.0.0.1:9/').then(() => 'answered', (error) => error.message)",
    );
    expect(asked).toBe("Failed to fetch");
    const policy = page.locator("meta[http-equiv='Content-Security-Policy']");
    expect(await policy.getAttribute("content")).toBe(pagePolicy);
    expect(complaints[0]).toMatch(/violates the .*Content Security Policy.*connect-src 'self'/);
  });
});

/** As browsers do with tabs in the background. */
async function freeze(page: Page, ms: number): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, ms));
  await devTools.send("Page.setWebLifecycleState", { state: "active" });
  await devTools.detach();
}

/** Lets a worker fail outside all that it was asked for. */
async function endWorker(page: Page, name: string): Promise<void> {
  const worker = page.workers().find((one) => one.url().includes(name));
  await worker?.evaluate("void setTimeout(() => { throw new Error('no more memory'); })");
}

/** What the page has kept of its fine-tuning. */
async function run(page: Page): Promise<{
  readonly losses: { readonly step: number }[];
  readonly measured: { readonly step: number; readonly mel: number }[];
}> {
  const json = await page.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle("studio")).getDirectoryHandle("run");
    return (await (await folder.getFileHandle("run.json")).getFile()).text();
  })()`);
  return JSON.parse(`${json}`);
}

/** Files and folders that the page has kept. */
function keptNames(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    return Array.fromAsync((await root.getDirectoryHandle("studio")).keys());
  })()`);
}

/** How much of the chart is in the colours of a curve, which are green; runs in the page. */
const curvePixels = `(() => {
  const canvas = document.querySelector(".chart canvas");
  if (!canvas) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 1] - data[i] > 40) count++;
  return count;
})()`;

async function bytesOf(download: Download): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function wavOf(download: Download): Promise<{ samples: Float32Array; sampleRateHz: number }> {
  const { channels, sampleRateHz } = decodeWav(await bytesOf(download));
  return { samples: channels[0] ?? new Float32Array(), sampleRateHz };
}

/** Root of the mean square. */
function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}
