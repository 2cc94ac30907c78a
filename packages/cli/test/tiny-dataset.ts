import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";

/** A clip's WAV file: a hum, at 22,050 Hz. */
export function hum(seconds: number, pitchHz = 150): Uint8Array {
  const samples = Float32Array.from(
    { length: Math.round(seconds * 22_050) },
    (_, i) => 0.3 * Math.sin((2 * Math.PI * pitchHz * i) / 22_050) ** 3,
  );
  return encodeWav({ samples, sampleRateHz: 22_050 });
}

/** Writes a dataset of hums: `texts` by id. */
export async function writeTinyDataset(
  folder: string,
  texts: Readonly<Record<string, string>> = defaultTexts,
): Promise<void> {
  await mkdir(join(folder, "wavs"), { recursive: true });
  const lines = Object.entries(texts).map(([id, text]) => `${id}|${text}\n`);
  await writeFile(join(folder, "metadata.csv"), lines.join(""));
  for (const [i, id] of Object.keys(texts).entries())
    await writeFile(join(folder, "wavs", `${id}.wav`), hum(0.62 + 0.05 * i, 120 + 20 * i));
}

const defaultTexts = { a: "Hello.", b: "There!", c: "Hello there.", d: "Who is it?" };
