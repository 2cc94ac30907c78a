export { studioHeaders } from "./headers.js";

/** The built page: static files, to be served from any folder of a site, with `studioHeaders`. */
export const studioFolder: URL = new URL("../dist/page/", import.meta.url);
