export { type DiffusionConfig, diffusionShapes, inferDiffusionConfig } from "./config.js";
