import { store } from "./store.js";

/** Keeps people from leaving the page by a file dropped beside its place, and by mistake while something would be lost. */
export function stayHere(): void {
  for (const type of ["dragover", "drop"] as const)
    addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // The browser would open it in place of the page.
      event.dataTransfer.dropEffect = "none";
    });
  addEventListener("beforeunload", (event) => {
    if (wouldLose()) event.preventDefault(); // The browser asks.
  });
}

function wouldLose(): boolean {
  const { isTraining, isAdding, recorder, clips, drafts } = store;
  const isUnkept = clips.value.some(({ id, text }) => (drafts.value[id]?.trim() ?? text) !== text);
  return isTraining.value || isAdding.value || recorder.value !== "idle" || isUnkept;
}
