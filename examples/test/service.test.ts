import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { decodeWav } from "@hawksbill/audio";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../speech-service/service.ts", import.meta.url));

test("speech-service speaks as OpenAI's clients ask it to", { timeout: 120_000 }, async () => {
  const args = ["--import=tsx", "--conditions=@hawksbill/source", script, "0"];
  const service = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [url] = await once(createInterface(service.stdout), "line");
    const say = (input: string): Promise<Response> =>
      fetch(`${url}/v1/audio/speech`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "small", voice: "slt", input, response_format: "wav" }),
      });
    expect((await say("@")).status).toBe(400);
    const response = await say("A fox.");
    expect(response.status).toBe(200);
    const { sampleRateHz, channels } = decodeWav(new Uint8Array(await response.arrayBuffer()));
    expect(sampleRateHz).toBe(22_050);
    expect(channels[0]?.length).toBeGreaterThan(5000);
  } finally {
    service.kill();
  }
});
