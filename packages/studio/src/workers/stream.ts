/** Work that calls back, as a stream: what it tells, item by item. A worker's callers take no functions. */
export async function* stream<T>(
  work: (tell: (item: T) => void) => Promise<void>,
): AsyncGenerator<T, void, undefined> {
  const items: T[] = [];
  let wake = (): void => undefined;
  let isDone = false;
  const ended = work((item) => {
    items.push(item);
    wake();
  }).finally(() => {
    isDone = true;
    wake();
  });
  ended.catch(() => undefined); // Thrown below, once all items are told.
  while (!isDone || items.length > 0) {
    const item = items.shift();
    if (item !== undefined) yield item;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  await ended;
}
