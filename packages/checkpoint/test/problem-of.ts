import { expect } from "vitest";
import { CheckpointError, openCheckpoint } from "../src/index.js";

/** What is said about a .pth file, within a second of this process, however busy the machine is; "none" if it is read. */
export async function problemOf(bytes: Uint8Array): Promise<string> {
  const start = process.cpuUsage();
  try {
    const { tensors } = await openCheckpoint(bytes, { name: "m.pth" });
    for (const x of Object.values(tensors)) await x.data();
    return "none";
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  } finally {
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(1e6);
  }
}
