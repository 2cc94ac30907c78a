export { type BatchOptions, batches } from "./batches.js";
export { DatasetError } from "./dataset-error.js";
export { type Files, memoryFiles } from "./files.js";
export { formatReport } from "./format-report.js";
export { type OtherClips, otherClips } from "./other-clips.js";
export {
  type Clip,
  type Dataset,
  type PrepareOptions,
  type PrepareProgress,
  prepareDataset,
} from "./prepare-dataset.js";
export { type Problem, problemText } from "./problem.js";
export { type ClipEntry, readLJSpeech } from "./read-ljspeech.js";
export { splitDataset } from "./split-dataset.js";
