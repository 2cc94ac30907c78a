import { type Device, type DeviceName, openDevice } from "@hawksbill/core";
import { checkFile, type FileReport, type InputFile } from "./check-file.js";

/** What the page offers to browser.ts. */
export interface Page {
  open(device: DeviceName): Promise<void>;
  /** @param base64 The file's bytes. */
  check(file: Omit<InputFile, "bytes">, base64: string): Promise<FileReport>;
}

let device: Device | undefined;

const page: Page = {
  async open(name) {
    device = await openDevice(name);
  },
  check(file, base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return checkFile({ ...file, bytes }, device as Device);
  },
};

Object.assign(globalThis, { parity: page });
