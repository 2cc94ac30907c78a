import * as Comlink from "comlink";

/** A worker's object, called from the page. */
export type Remote<T> = Comlink.Remote<T>;

/** @see `../workers/remote.ts`, the other end. */
export function connect<T>(worker: Worker): Remote<T> {
  return Comlink.wrap<T>(worker);
}

/** A function that a worker may call back. */
export function callback<T extends (...values: never[]) => void>(listener: T): T {
  return Comlink.proxy(listener) as T;
}
