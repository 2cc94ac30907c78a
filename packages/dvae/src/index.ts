export { type DvaeConfig, dvaeShapes, framesPerCode, inferDvaeConfig } from "./config.js";
export { Dvae } from "./dvae.js";
export { initialiseDvae } from "./initialise-dvae.js";
export { type DvaeLosses, dvaeLosses, splitDvae } from "./losses.js";
export { decodeCodes, decoder, encodeMel, encoder, type Lengths } from "./model.js";
export { type CodebookOptions, type RestartOptions, updateCodebook } from "./update-codebook.js";
