/** A turn of the event loop, for clicks, timers and abort signals: in a browser's wasm none is given else. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
