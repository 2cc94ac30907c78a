export { Classifier } from "./classifier.js";
export {
  type ClassifierConfig,
  classifierLogits,
  classifierShapes,
  inferClassifierConfig,
} from "./classifier-model.js";
export { Clvp, type ClvpOptions } from "./clvp.js";
export {
  type ClvpConfig,
  clvpShapes,
  clvpSpeechLatents,
  clvpTextLatents,
  inferClvpConfig,
} from "./clvp-model.js";
export { Cvvp } from "./cvvp.js";
export {
  type CvvpConfig,
  cvvpShapes,
  cvvpSpeechLatents,
  cvvpVoiceLatents,
  inferCvvpConfig,
} from "./cvvp-model.js";
export type { JudgeOptions, JudgeProgress } from "./judge.js";
export { contrastiveLoss, similarity } from "./similarity.js";
