export { type AdaptDecoderOptions, adaptDecoder } from "./adapt-decoder.js";
export {
  type EncodeEvent,
  type FinetuneEvent,
  type FinetuneOptions,
  finetune,
  type SplitEvent,
  type WarningEvent,
} from "./finetune.js";
export {
  disposeModel,
  loadModel,
  type Model,
  type ModelSettings,
  modelFiles,
  settingsKey,
} from "./model.js";
export type { SpeakProgress, Stage } from "./pipeline/job.js";
export { type Preset, type PresetName, presets } from "./pipeline/presets.js";
export type {
  DiffusionSettings,
  SpeechRequest,
  TortoiseSpeakOptions,
} from "./pipeline/speak-options.js";
export { fixedCodes, spokenLength } from "./pipeline/speech-codes.js";
export { candidateMB, type SpeechPlan } from "./pipeline/speech-plan.js";
export {
  type Candidate,
  type SpokenCandidate,
  Tortoise,
  type TortoiseSpeech,
} from "./pipeline/tortoise.js";
export { neededParts, type TortoisePart, tortoiseFiles } from "./pipeline/tortoise-files.js";
export {
  type Silence,
  type TortoiseModel,
  type TortoiseModelOptions,
  type TortoiseSettings,
  type TortoiseWeights,
  tortoiseModel,
} from "./pipeline/tortoise-model.js";
export type { TortoiseVoice, VoiceOptions } from "./pipeline/voice.js";
export { type SpeakOptions, type Speech, speak } from "./speak.js";
export { TortoiseError } from "./tortoise-error.js";
export { conditioningFrames, conditioningWindow } from "./voice.js";
export {
  autoregressiveMel,
  type ConditioningOptions,
  diffusionMels,
} from "./voices/conditioning-mels.js";
export {
  blendVoices,
  decodeVoice,
  encodeVoice,
  type VoiceLatents,
} from "./voices/voice-latents.js";
