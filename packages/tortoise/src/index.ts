export { type AdaptDecoderOptions, adaptDecoder } from "./adapt-decoder.js";
export { type BasePrecision, basePrecisions } from "./base-precision.js";
export { clipLimits } from "./clip-limits.js";
export type { DiffusionFinetuneOptions } from "./diffusion-training/diffusion-finetune-options.js";
export { finetuneDiffusion } from "./diffusion-training/finetune-diffusion.js";
export { mostVoiceClips } from "./diffusion-training/heard-clips.js";
export { type SayAgainOptions, sayAgain } from "./diffusion-training/say-again.js";
export type { DlasNote, DlasSettings, Verdict } from "./dlas-config/dlas-settings.js";
export { nearest } from "./dlas-config/nearest.js";
export { parseYaml } from "./dlas-config/parse-yaml.js";
export { type DlasConfig, readDlasConfig } from "./dlas-config/read-dlas-config.js";
export { type DvaeRequest, DvaeSpeaker, type DvaeSpeech } from "./dvae-speaker.js";
export { finetune } from "./finetune.js";
export type {
  AdapterEvent,
  AverageEvent,
  EncodeEvent,
  FinetuneEvent,
  FinetuneOptions,
  SplitEvent,
  WarningEvent,
} from "./finetune-options.js";
export { type JoinedAudio, joinAudio } from "./join-audio.js";
export {
  disposeModel,
  loadModel,
  type Model,
  type ModelSettings,
  modelFiles,
  settingsKey,
} from "./model.js";
export { type OptimizerName, type OptimizerSettings, optimizerNames } from "./optimizer-named.js";
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
  type TortoiseOptions,
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
export type { VoiceOptions } from "./pipeline/voice.js";
export {
  type DatasetFacts,
  type MachineFacts,
  type ModelFacts,
  type Plan,
  type Planned,
  type PlanOverrides,
  plan,
} from "./plan.js";
export { datasetFacts, diffusionFacts, modelFacts } from "./plan-facts.js";
export { type ReadOptions, read, type SpokenPiece } from "./read.js";
export { flawOf, type SpeechFlaw, speakFlawlessly } from "./read-flaws.js";
export { type Cue, subtitles } from "./read-subtitles.js";
export { type ScheduleName, type ScheduleSettings, scheduleNames } from "./schedule-named.js";
export { sentenceOf } from "./sentence-of.js";
export { type SpeakOptions, speak } from "./speak.js";
export {
  readableStream,
  type SpeakStreamOptions,
  type StreamedPiece,
  speakStream,
} from "./speak-stream.js";
export {
  createSpeaker,
  type Speaker,
  type SpeakerVoice,
  type Speech,
  type StreamedSpeech,
} from "./speaker.js";
export { splitClips } from "./split-clips.js";
export { type SplitOptions, splitText } from "./split-text.js";
export {
  type ConnectedSpeaker,
  type ConnectSpeakerOptions,
  connectSpeaker,
} from "./thread/connect-speaker.js";
export { type OpenSpeaker, serveSpeaker } from "./thread/serve-speaker.js";
export { TortoiseError } from "./tortoise-error.js";
export { mergeInPlace } from "./trained-weights.js";
export { usualDecoderSteps } from "./usual-decoder-steps.js";
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
  type TortoiseLatents,
  type VoiceLatents,
} from "./voices/voice-latents.js";
