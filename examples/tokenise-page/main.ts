import { arMel, decodeMono } from "@hawksbill/audio";
import { modelUrls } from "@hawksbill/base-small";
import { decodeSafetensors, toFloat32 } from "@hawksbill/checkpoint";
import { openDevice } from "@hawksbill/core";
import { Dvae } from "@hawksbill/dvae";

const input = document.querySelector("input") as HTMLInputElement;
const output = document.querySelector("output") as HTMLOutputElement;

const file = await (await fetch(modelUrls.dvae)).arrayBuffer();
const { tensors } = decodeSafetensors(new Uint8Array(file), "dvae.safetensors");
const dvae = Dvae.create(toFloat32(tensors), await openDevice("wasm"));
input.disabled = false;

input.addEventListener("change", async () => {
  const [clip] = input.files ?? [];
  if (!clip) return;
  const bytes = new Uint8Array(await clip.arrayBuffer());
  const { samples } = await decodeMono(bytes, { sampleRateHz: 22_050 });
  output.textContent = (await dvae.encode(arMel(samples))).join(" ");
});
