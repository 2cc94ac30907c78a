import { decodeAudio, encodeWav, toMono } from "@hawksbill/audio";
import { modelUrls } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { createSpeaker, loadModel } from "@hawksbill/tortoise";

const form = document.querySelector("form") as HTMLFormElement;
const button = document.querySelector("button") as HTMLButtonElement;
const problem = document.querySelector("output") as HTMLOutputElement;
const player = new Audio();
player.controls = true;
document.body.append(player);

const bytes = async (url: URL) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const model = loadModel({
  tokenizer: await bytes(modelUrls.tokenizer),
  dvae: await bytes(modelUrls.dvae),
  unifiedVoice: await bytes(modelUrls.unifiedVoice),
});
const speaker = createSpeaker(model, await openDevice("wasm"));
button.disabled = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(form);
  button.disabled = true;
  problem.value = "";
  try {
    const clip = new Uint8Array(await (data.get("voice") as File).arrayBuffer());
    const voice = await speaker.voice([toMono(await decodeAudio(clip))]);
    const { audio } = await speaker.speak({ text: String(data.get("text")), voice, seed: 1 });
    URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(new Blob([encodeWav(audio)], { type: "audio/wav" }));
  } catch (error) {
    problem.value = (error as Error).message;
  } finally {
    button.disabled = false;
  }
});
