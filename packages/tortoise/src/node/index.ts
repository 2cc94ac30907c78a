export { type ListedVoice, listVoices } from "./list-voices.js";
export { type OpenedModel, type OpenModelOptions, openModel, saveModel } from "./model-folder.js";
export { type ModelPaths, modelPaths } from "./model-paths.js";
export { type OpenedClassifier, openClassifier } from "./open-classifier.js";
export { diffusionPath, type OpenedVocoder, openDiffusion, openVocoder } from "./open-diffusion.js";
export { type OpenSpeakerOptions, openSpeaker } from "./open-speaker.js";
export { openSpeakerProcess, type SpeakerProcessOptions } from "./open-speaker-process.js";
export { type OpenedTortoise, type OpenTortoiseOptions, openTortoise } from "./open-tortoise.js";
export { clipFile, latentsFile, openClip, openVoice, saveVoice } from "./open-voice.js";
