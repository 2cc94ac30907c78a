import type { JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  /** What people should know of it. */
  readonly why?: string | undefined;
  readonly children: (ids: {
    readonly id: string;
    readonly "aria-describedby"?: string;
  }) => JSX.Element;
}

/** Something to fill in, with its label and a reason below. */
export function Field({ label, why, children }: FieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, ...(why === undefined ? {} : { "aria-describedby": `${id}-why` }) })}
      {why !== undefined && <small id={`${id}-why`}>{why}</small>}
    </div>
  );
}
