/** The model's files, for browsers: bundlers see these addresses and ship what they point to. */
export const modelUrls = {
  tokenizer: new URL("../model/tokenizer.json", import.meta.url),
  dvae: new URL("../model/dvae.safetensors", import.meta.url),
  unifiedVoice: new URL("../model/unified-voice.safetensors", import.meta.url),
} as const;

/** The folder of the model's files: in Node, `openModel(fileURLToPath(modelFolder))`. */
export const modelFolder: URL = new URL("../model/", import.meta.url);

/** The folder of a voice that the model was not trained on, in the LJSpeech layout: 400 short clips. */
export const voiceFolder: URL = new URL("../voice/", import.meta.url);
