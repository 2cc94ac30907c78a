export { openModel, saveModel } from "./model-folder.js";
export { type OpenedTortoise, type OpenTortoiseOptions, openTortoise } from "./open-tortoise.js";
export { openVoice, saveVoice } from "./open-voice.js";
