/** Text, codes or clips that the model cannot take; the message says what was got and what is wanted. */
export class UnifiedVoiceError extends Error {
  override readonly name = "UnifiedVoiceError";
  /** Which item of the batch, counted from 0, where it is one item's fault. */
  readonly item: number | undefined;

  constructor(message: string, options: { readonly item?: number } = {}) {
    super(message);
    this.item = options.item;
  }
}
