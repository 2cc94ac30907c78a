import { store } from "../store.js";

/** Does something, and shows people what went wrong with it. @returns Whether all went well. */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return false;
    tell("error", error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function tell(kind: "error" | "note", text: string): void {
  store.notice.value = { kind, text };
}

export function dismissNotice(): void {
  store.notice.value = undefined;
}
