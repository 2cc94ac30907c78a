import type { JSX } from "preact";
import { useState } from "preact/hooks";

interface NumberInputProps {
  readonly id: string;
  readonly "aria-describedby"?: string;
  readonly min: number;
  readonly step: number | "any";
  readonly value: number | undefined;
  /** Undefined where what is written is no number, or none that is allowed. */
  readonly onNumber: (value: number | undefined) => void;
}

/** Takes a number; what is being written stays, whatever it stands for meanwhile. */
export function NumberInput({ value, onNumber, ...others }: NumberInputProps): JSX.Element {
  const [draft, setDraft] = useState<string>();
  return (
    <input
      {...others}
      type="number"
      value={draft ?? value ?? ""}
      onInput={({ currentTarget: input }) => {
        setDraft(input.value);
        const isGiven = input.value !== "" && input.checkValidity();
        onNumber(isGiven ? input.valueAsNumber : undefined);
      }}
      onBlur={() => setDraft(undefined)}
    />
  );
}
