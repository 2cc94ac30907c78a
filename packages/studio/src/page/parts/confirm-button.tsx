import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";

interface ConfirmButtonProps {
  readonly label: string;
  readonly class?: string;
  readonly isDisabled: boolean;
  readonly question: string;
  /** What is lost. */
  readonly consequence: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton(props: ConfirmButtonProps): JSX.Element {
  const { label, isDisabled, question, consequence, onConfirm } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const close = (): void => dialog.current?.close();
  const confirm = (): void => {
    close();
    onConfirm();
  };
  return (
    <>
      <button
        type="button"
        class={props.class ?? ""}
        disabled={isDisabled}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog
        ref={dialog}
        class="card"
        role="alertdialog"
        aria-labelledby={`${id}-question`}
        aria-describedby={`${id}-consequence`}
      >
        <h3 id={`${id}-question`}>{question}</h3>
        <p id={`${id}-consequence`}>{consequence}</p>
        <div class="buttons end">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="button" class="fatal" onClick={confirm}>
            Yes, {label.toLowerCase()}
          </button>
        </div>
      </dialog>
    </>
  );
}
