/** Asks the browser, unless it has agreed already, not to clear the studio's folder when the disk gets full. */
export async function keepStorage(): Promise<void> {
  const { storage } = navigator;
  if (await storage.persisted?.().catch(() => false)) return;
  await storage.persist?.().catch(() => false);
}
