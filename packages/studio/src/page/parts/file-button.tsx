import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { GivenFile } from "../../clips.js";
import { chosenFiles } from "../dropped-files.js";

interface FileButtonProps {
  readonly label: string;
  readonly isFolder?: boolean;
  readonly isDisabled?: boolean;
  /** Default any files. */
  readonly accept?: string;
  readonly onFiles: (files: readonly GivenFile[]) => void;
}

/** Lets people choose files, or a folder. */
export function FileButton(props: FileButtonProps): JSX.Element {
  const { label, isFolder = false, isDisabled = false, accept, onFiles } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={isDisabled} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-label={label}
        {...(accept === undefined ? {} : { accept })}
        {...(isFolder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          onFiles(chosenFiles(currentTarget.files));
          currentTarget.value = ""; // So that the same file may be chosen again.
        }}
      />
    </>
  );
}
