/** @internal Why one clip cannot be used; caught by `prepareDataset`, which lists it. */
export class Unusable extends Error {
  override readonly name = "Unusable";
  readonly advice: string;

  /** @param reason Goes on from the path of the clip's file: "is missing". */
  constructor(reason: string, advice: string) {
    super(reason);
    this.advice = advice;
  }
}

/** A sentence from another package, to be the middle of one of ours. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
