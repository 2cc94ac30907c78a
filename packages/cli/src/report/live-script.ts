/**
 * Runs in the page while the run is under way: reads the page anew, but not while somebody listens, and leaves
 * open what was opened. If the page is old, the run may be dead, and says so.
 */
export const liveScript = `
const live = document.getElementById("live");
if (live) {
  const seconds = Number(live.dataset.refreshSeconds);
  const written = Date.parse(live.dataset.written);
  const folds = [...document.querySelectorAll("details")];
  for (const i of history.state?.open ?? []) if (folds[i]) folds[i].open = true;
  const isHeard = () => [...document.querySelectorAll("audio")].some((audio) => !audio.paused);
  const isOld = () => Date.now() - written > 30000 + 6000 * seconds;
  const lookAtClock = () => isOld() && (live.textContent = live.dataset.silence);
  lookAtClock();
  setInterval(() => {
    lookAtClock();
    if (document.hidden || isHeard()) return;
    history.replaceState({ open: folds.flatMap((fold, i) => (fold.open ? [i] : [])) }, "");
    location.reload();
  }, 1000 * seconds);
}
`;
