export { openCache } from "./open-cache.js";
export { openFolder } from "./open-folder.js";
export { openPlace } from "./open-place.js";
