import type { JSX } from "preact";
import { store } from "../store.js";
import { ClipRow } from "./clip-row.js";

/** All clips. */
export function ClipList(): JSX.Element {
  return (
    <ol class="clips">
      {store.clips.value.map((clip) => (
        <ClipRow key={clip.id} clip={clip} />
      ))}
    </ol>
  );
}
