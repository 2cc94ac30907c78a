/** An item of a stream, or what was told while it was waited for. */
export type Told<Item, News> = { readonly item: Item } | { readonly told: News };

/**
 * A stream together with what its maker calls back: functions do not cross to other threads, items do. Nothing is made
 * before it is asked for.
 */
export async function* withTold<Item, News>(
  make: (tell: (news: News) => void) => AsyncGenerator<Item>,
): AsyncGenerator<Told<Item, News>, void, undefined> {
  const news: News[] = [];
  let wake = (): void => undefined;
  const items = make((one) => {
    news.push(one);
    wake();
  });
  try {
    for (;;) {
      let result: IteratorResult<Item> | undefined;
      const next = items.next().then((made) => {
        result = made;
      });
      next.catch(() => undefined); // Thrown below, once all news are told.
      while (!result || news.length > 0) {
        const one = news.shift();
        if (one !== undefined) yield { told: one };
        else
          await Promise.race([
            next,
            new Promise<void>((resolve) => {
              wake = resolve;
            }),
          ]);
      }
      if (result.done) return;
      yield { item: result.value };
    }
  } finally {
    await items.return(undefined);
  }
}
