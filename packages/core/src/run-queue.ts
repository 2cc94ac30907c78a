/**
 * Runs sessions one after another. Two at once crash ONNX Runtime in browsers, and in Node gain
 * nothing: a run holds the thread.
 */
let lastRun: Promise<unknown> = Promise.resolve();
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = lastRun.then(work, work);
  lastRun = mine.catch(() => undefined);
  return mine;
}
