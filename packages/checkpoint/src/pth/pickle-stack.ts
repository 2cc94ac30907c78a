import type { Pickled } from "./pickled.js";
import { PickleError } from "./python-names.js";

/** What a pickle's instructions work on: values, the groups among them that are still open, and numbered values. */
export class PickleStack {
  readonly #values: Pickled[] = [];
  /** Where each open group begins. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled>();

  push(value: Pickled): void {
    this.#values.push(value);
  }

  /** The topmost value, which stays. */
  get top(): Pickled | undefined {
    return this.#values.at(-1);
  }

  pop(): Pickled {
    return this.popMany(1)[0] as Pickled;
  }

  /** The topmost values, which may not reach into an outer group. */
  popMany(count: number): Pickled[] {
    if (this.#values.length - count < (this.#marks.at(-1) ?? 0))
      throw new PickleError("takes more values than it has; it is damaged");
    return this.#values.splice(this.#values.length - count);
  }

  /** Takes away the topmost value, or the mark if it lies above. */
  drop(): void {
    if (this.#marks.at(-1) === this.#values.length) this.#marks.pop();
    else this.pop();
  }

  /** Opens a group. */
  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** The values of the innermost group, which ends. */
  popGroup(): Pickled[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleError("ends a group that has not begun; it is damaged");
    return this.#values.splice(mark);
  }

  /** Numbers the topmost value; default the next number. */
  remember(index = this.#memo.size): void {
    const value = this.pop();
    this.#memo.set(index, value);
    this.push(value);
  }

  recall(index: number): Pickled {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw new PickleError(`refers to value ${index}, which it has not; it is damaged`);
    return value;
  }
}
