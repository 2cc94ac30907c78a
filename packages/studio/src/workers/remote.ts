import * as Comlink from "comlink";

/**
 * How page and workers talk: the one file that knows. A worker exposes an object, the page calls its methods; functions
 * among the arguments are called back.
 */
export function expose(service: object): void {
  Comlink.expose(service);
}
