/** A worker ended, does not know what it was asked for, or a value cannot be sent to it or from it. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}
