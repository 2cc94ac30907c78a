export { basicCleaners, type Cleaners, englishCleaners } from "./cleaners.js";
export { TextError, type UnknownCharacter } from "./text-error.js";
export { Tokenizer } from "./tokenizer.js";
export type { TokenizerJSON } from "./tokenizer-json.js";
export { type TrainTokenizerOptions, trainTokenizer } from "./train-tokenizer.js";
export type { AddedToken, Vocabulary } from "./vocabulary.js";
