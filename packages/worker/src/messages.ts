import type { Packed } from "./pack.js";

/** What the caller's thread says. A call's `id` is its own for as long as the connection lasts. */
export type Request =
  | { readonly type: "call"; readonly id: number; readonly name: string; readonly input: Packed }
  /** Asks a stream for its next item. */
  | { readonly type: "next"; readonly id: number }
  /** Wants no more of a stream. */
  | { readonly type: "return"; readonly id: number }
  | { readonly type: "abort"; readonly id: number; readonly reason: Packed }
  /** Asks a thread of Node to end itself. */
  | { readonly type: "end" };

/** What the worker says. */
export type Response =
  /** It listens: what is sent before may be lost. */
  | { readonly type: "ready" }
  | { readonly type: "value"; readonly id: number; readonly value: Packed }
  /** The call gives a stream. */
  | { readonly type: "stream"; readonly id: number }
  | {
      readonly type: "item";
      readonly id: number;
      readonly done: boolean;
      readonly value: Packed;
    }
  | { readonly type: "error"; readonly id: number; readonly error: Packed };
