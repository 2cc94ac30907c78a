import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { GivenFile } from "../../clips.js";
import { attempt } from "../actions/notices.js";
import { droppedFiles } from "../dropped-files.js";

interface DropZoneProps {
  readonly isDisabled: boolean;
  readonly onFiles: (files: readonly GivenFile[]) => void;
  readonly children: ComponentChildren;
}

/** A place to drop files and folders on; what is in it does the same for keyboards. */
export function DropZone({ isDisabled, onFiles, children }: DropZoneProps): JSX.Element {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault(); // The browser would leave the page for the file.
    setOver(false);
    const { dataTransfer } = event;
    if (dataTransfer && !isDisabled) attempt(async () => onFiles(await droppedFiles(dataTransfer)));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same.
    <div
      class={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!isDisabled);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {children}
    </div>
  );
}
