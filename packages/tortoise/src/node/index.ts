export { openModel, saveModel } from "./model-folder.js";
