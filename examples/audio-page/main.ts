import { arMel, decodeMono } from "@hawksbill/audio";

const input = document.querySelector("input") as HTMLInputElement;
const output = document.querySelector("output") as HTMLOutputElement;
const sampleRateHz = 22_050;

input.addEventListener("change", async () => {
  const [file] = input.files ?? [];
  if (!file) return;
  const { samples } = await decodeMono(new Uint8Array(await file.arrayBuffer()), { sampleRateHz });
  const seconds = (samples.length / sampleRateHz).toFixed(2);
  const { bands, frames } = arMel(samples);
  output.textContent = `${seconds} s, a mel spectrogram of ${bands} bands and ${frames} frames`;
});
