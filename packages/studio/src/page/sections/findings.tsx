import type { JSX } from "preact";
import type { Finding } from "../../clips.js";
import { count } from "../format.js";
import { store } from "../store.js";

/** What was found, kind by kind; the clips themselves say more. */
export function Findings(): JSX.Element | null {
  const examined = store.examined.value;
  if (!examined) return null;
  const isDone = store.examining.value === undefined;
  const kinds = byTitle(Object.values(examined.clips).flatMap(({ findings }) => findings));
  if (kinds.size === 0 && examined.whole.length === 0)
    return isDone ? <p class="good">Nothing is wrong with them.</p> : null;
  return (
    <ul class="findings" aria-label="What was found">
      {[...kinds].map(([title, { findings, isFatal }]) => (
        <li key={title} class={isFatal ? "fatal" : "doubt"}>
          <strong>{title}</strong> {count(findings, "clip")}
          {isFatal && ", left out"}
        </li>
      ))}
      {examined.whole.map(({ title, reason, advice }) => (
        <li key={title} class="doubt">
          <strong>{title}</strong> {reason}; {advice}
        </li>
      ))}
    </ul>
  );
}

function byTitle(
  findings: readonly Finding[],
): Map<string, { readonly findings: number; readonly isFatal: boolean }> {
  const kinds = new Map<string, { findings: number; isFatal: boolean }>();
  for (const { title, isFatal } of findings)
    kinds.set(title, { findings: (kinds.get(title)?.findings ?? 0) + 1, isFatal });
  return kinds;
}
