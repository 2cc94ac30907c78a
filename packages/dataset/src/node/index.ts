export { openFolder } from "./open-folder.js";
