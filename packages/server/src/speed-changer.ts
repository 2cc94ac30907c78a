/** Length of the pieces that speech is cut into: two periods of a low voice. */
const windowSeconds = 0.04;

/** How far a piece may be moved to fit what it is laid over: a period of a low voice. */
const searchSeconds = 0.012;

/**
 * Makes speech faster or slower at the same pitch, as it comes: pieces of it are laid closer together or further apart,
 * each moved a little to where it resembles most what would have followed the one before.
 *
 * @see Verhelst and Roelands 1993, "An overlap-add technique based on waveform similarity (WSOLA)"
 */
export class SpeedChanger {
  readonly #speed: number;
  /** Samples that pieces overlap by, half of a window. */
  readonly #hop: number;
  readonly #search: number;
  /** Rises from 0 to 1 over a hop; 1 minus it falls. */
  readonly #fade: Float32Array;
  /** Old samples from `#offset` on. */
  #samples = new Float32Array(0);
  #offset = 0;
  /** Pieces laid so far. */
  #count = 0;
  /** Where the last piece was taken from, among the old samples. */
  #last = 0;

  constructor(sampleRateHz: number, speed: number) {
    this.#speed = speed;
    this.#hop = Math.round((windowSeconds / 2) * sampleRateHz);
    this.#search = Math.round(searchSeconds * sampleRateHz);
    this.#fade = Float32Array.from(
      { length: this.#hop },
      (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / this.#hop),
    );
  }

  /** @returns As much as can be told without the samples that follow. */
  push(samples: Float32Array): Float32Array {
    if (this.#speed === 1) return samples;
    const all = new Float32Array(this.#samples.length + samples.length);
    all.set(this.#samples);
    all.set(samples, this.#samples.length);
    this.#samples = all;
    return this.#lay((needed) => needed <= this.#offset + this.#samples.length);
  }

  /** @returns The rest, as if silence followed. */
  finish(): Float32Array {
    if (this.#speed === 1) return new Float32Array(0);
    const end = this.#offset + this.#samples.length;
    const silence = new Float32Array(
      2 * this.#hop + 2 * this.#search + Math.ceil(this.#hop * this.#speed),
    );
    const all = new Float32Array(this.#samples.length + silence.length);
    all.set(this.#samples);
    this.#samples = all;
    return this.#lay(() => this.#wanted() < end);
  }

  /** Where the next piece would be taken from if it were not moved. */
  #wanted(): number {
    return Math.round(this.#count * this.#hop * this.#speed);
  }

  /** Lays piece after piece, a hop of new samples each, as long as the samples they need are there. */
  #lay(isThere: (needed: number) => boolean): Float32Array {
    const hops: Float32Array[] = [];
    while (
      isThere(Math.max(this.#wanted() + this.#search, this.#last + this.#hop) + 2 * this.#hop)
    ) {
      hops.push(this.#next());
      this.#forget();
    }
    const laid = new Float32Array(hops.length * this.#hop);
    for (const [i, hop] of hops.entries()) laid.set(hop, i * this.#hop);
    return laid;
  }

  /** A hop of new samples: the end of the last piece fades into the start of the next. */
  #next(): Float32Array {
    const ending = this.#last + this.#hop;
    const start = this.#count === 0 ? 0 : this.#mostLike(ending);
    const isFirst = this.#count === 0;
    const hop = this.#fade.map((fade, i) =>
      isFirst ? this.#at(i) : (1 - fade) * this.#at(ending + i) + fade * this.#at(start + i),
    );
    this.#last = start;
    this.#count++;
    return hop;
  }

  /** The start, near to where the next piece is wanted, from which the samples are most like those from `ending` on. */
  #mostLike(ending: number): number {
    const wanted = this.#wanted();
    const first = Math.max(this.#offset, wanted - this.#search);
    let best = wanted;
    let bestLikeness = Number.NEGATIVE_INFINITY;
    const samples = this.#samples;
    const hop = this.#hop;
    const there = ending - this.#offset;
    for (let start = first; start <= wanted + this.#search; start++) {
      const here = start - this.#offset;
      let product = 0;
      let power = 1e-9;
      // Every other sample tells enough, in half of the time.
      for (let i = 0; i < hop; i += 2) {
        const sample = samples[here + i] ?? 0;
        product += sample * (samples[there + i] ?? 0);
        power += sample * sample;
      }
      const likeness = product / Math.sqrt(power);
      if (likeness > bestLikeness) {
        bestLikeness = likeness;
        best = start;
      }
    }
    return best;
  }

  #at(position: number): number {
    return this.#samples[position - this.#offset] ?? 0;
  }

  /** Drops the samples that no later piece can be taken from. */
  #forget(): void {
    const needed = Math.min(this.#wanted() - this.#search, this.#last + this.#hop);
    const dropped = Math.max(0, Math.min(needed - this.#offset, this.#samples.length));
    this.#samples = this.#samples.subarray(dropped);
    this.#offset += dropped;
  }
}
