import type { FaultName } from "./faults.js";

/** @internal Why one clip cannot be used; caught by who reads the clips, and listed. */
export class Unusable extends Error {
  override readonly name = "Unusable";
  readonly fault: FaultName;
  readonly advice: string;

  /** @param reason Goes on from the path of the clip's file: "is missing". */
  constructor(fault: FaultName, reason: string, advice: string) {
    super(reason);
    this.fault = fault;
    this.advice = advice;
  }
}

/** A sentence from another package, to be the middle of one of ours. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
