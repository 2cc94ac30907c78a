import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

interface ConfirmButtonProps {
  readonly label: string;
  /** What it does, in words, where the label is a sign. */
  readonly name?: string;
  readonly class?: string;
  readonly isDisabled: boolean;
  readonly question: string;
  /** What is lost. */
  readonly consequence: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton(props: ConfirmButtonProps): JSX.Element {
  const { label, name = label, isDisabled, question, consequence, onConfirm } = props;
  const [isAsking, ask] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        class={props.class ?? ""}
        aria-label={name}
        disabled={isDisabled}
        onClick={() => ask(true)}
      >
        {label}
      </button>
      {isAsking && (
        <dialog
          ref={open}
          class="card"
          role="alertdialog"
          aria-labelledby={`${id}-question`}
          aria-describedby={`${id}-consequence`}
          onClose={() => ask(false)}
        >
          <h3 id={`${id}-question`}>{question}</h3>
          <p id={`${id}-consequence`}>{consequence}</p>
          <form method="dialog" class="buttons end">
            <button type="submit">Cancel</button>
            <button type="submit" class="fatal" onClick={onConfirm}>
              Yes, {name.slice(0, 1).toLowerCase() + name.slice(1)}
            </button>
          </form>
        </dialog>
      )}
    </>
  );
}

/** Shows a dialog that has come into the page. */
function open(dialog: HTMLDialogElement | null): void {
  if (dialog && !dialog.open) dialog.showModal();
}
