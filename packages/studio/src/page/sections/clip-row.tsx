import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { Clip } from "../../clips.js";
import { removeClips, setUsed } from "../actions/clips.js";
import { setText, writeText } from "../actions/texts.js";
import { duration } from "../format.js";
import { ConfirmButton } from "../parts/confirm-button.js";
import { Mel } from "../parts/mel.js";
import { PlayButton } from "../parts/play-button.js";
import { usePicture } from "../parts/use-picture.js";
import { Wave } from "../parts/wave.js";
import { canResume, clipsOfRun, store } from "../store.js";
import { clipsWorker } from "../workers.js";

/** A clip: to hear, to see, to correct, to leave out. */
export function ClipRow({ clip }: { readonly clip: Clip }): JSX.Element {
  const { id, name, text, isUsed } = clip;
  const [isOpen, setOpen] = useState(false);
  const { place, picture } = usePicture<HTMLLIElement>(id, () => clipsWorker.picture(id));
  const draft = useComputed(() => store.drafts.value[id]).value;
  const facts = store.examined.value?.clips[id];
  const findings = isUsed ? (facts?.findings ?? []) : [];
  const isNeeded = canResume.value && clipsOfRun.value.ids.has(id);
  const isLocked = store.isTraining.value;
  const seconds = picture?.seconds ?? facts?.seconds;
  useLayoutEffect(() => () => passFocus(place.current), []);
  return (
    <li class={isUsed ? "clip" : "clip unused"} ref={place}>
      <input
        type="checkbox"
        aria-label={`Learn from ${name}`}
        checked={isUsed}
        disabled={isLocked}
        onChange={({ currentTarget }) => setUsed(clip, currentTarget.checked)}
      />
      <PlayButton id={id} name={name} sound={() => clipsWorker.sound(id)} />
      <button
        type="button"
        class="look"
        aria-expanded={isOpen}
        aria-label={`Mel spectrogram of ${name}`}
        onClick={() => setOpen(!isOpen)}
      >
        {picture && <Wave wave={picture.wave} id={id} />}
      </button>
      <span class="seconds quiet">{seconds !== undefined && duration(seconds)}</span>
      <input
        type="text"
        class="text"
        aria-label={`What is said in ${name}`}
        placeholder="What is said?"
        value={draft ?? text}
        disabled={isLocked}
        onInput={({ currentTarget }) => writeText(clip, currentTarget.value)}
        onChange={({ currentTarget }) => setText(clip, currentTarget.value)}
      />
      <ConfirmButton
        label="×"
        name={`Remove ${name}`}
        class="plain remove"
        isDisabled={isLocked}
        question={`Remove ${name}?`}
        consequence={`The recording and its text are deleted. What was recorded or corrected here is nowhere else, unless you have saved the voice. To leave it out of training, untick it instead.${isNeeded ? " The fine-tuning that has stopped learns from it, and cannot go on without it." : ""}`}
        onConfirm={() => removeClips([clip])}
      />
      {findings.length > 0 && (
        <ul class="findings">
          {findings.map(({ fault, reason, advice, isFatal }) => (
            <li key={fault} class={isFatal ? "fatal" : "doubt"}>
              {reason}; {advice}
            </li>
          ))}
        </ul>
      )}
      {isOpen && picture && <Mel mel={picture.mel} name={name} />}
    </li>
  );
}

/** Focus that would be lost with a row goes to the one after it, or before. */
function passFocus(row: HTMLElement | null): void {
  if (!row?.contains(document.activeElement)) return;
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  beside?.querySelector<HTMLElement>(".remove")?.focus();
}
