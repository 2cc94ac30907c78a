import type { Tools } from "../context.js";

/** Says at the first Ctrl-C that it was heard, as the step under way may take a while. */
export function announceStop({ reporter, signal }: Tools, when: string): void {
  const announce = (): void =>
    reporter.note(`Stopping ${when}. Press Ctrl-C again to stop at once.`);
  signal.addEventListener("abort", announce, { once: true });
}
