/** Frames that a latent becomes at the rate of its mel. */
export const framesPerLatent = 4;

/** From the mel's rate to the waveform's. */
export const rateChange = 24_000 / 22_050;

/** How many frames latents become. */
export function hifiganFrames(latents: number): number {
  return Math.floor(latents * framesPerLatent * rateChange);
}

/** The frames of latents that are still coming: what `latentFrames` makes of all, as soon as it is decided. */
export class FrameStream {
  readonly #dim: number;
  readonly #latents: Float32Array[] = [];
  #ready = 0;
  #ended = false;

  constructor(latentDim: number) {
    this.#dim = latentDim;
  }

  /** Frames that no later latent changes. */
  get ready(): number {
    return this.#ready;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @param stretch [codes, latentDim]. */
  push(stretch: Float32Array): void {
    for (let i = 0; i < stretch.length; i += this.#dim)
      this.#latents.push(stretch.subarray(i, i + this.#dim));
    // The last two frames of the mel's rate lie beside a latent to come.
    const decided = framesPerLatent * this.#latents.length - 2;
    while (Math.floor(placeOf(this.#ready)) + 1 < decided) this.#ready++;
  }

  /** There are no more latents. */
  end(): void {
    this.#ended = true;
    this.#ready = hifiganFrames(this.#latents.length);
  }

  /** Frames start to end, [latentDim, frames]. */
  cut(start: number, end: number): Float32Array {
    const last = framesPerLatent * this.#latents.length - 1;
    const cut = new Float32Array(this.#dim * (end - start));
    for (let frame = start; frame < end; frame++) {
      const place = placeOf(frame);
      const left = Math.min(Math.floor(place), last);
      const before = this.#melFrame(left);
      const after = this.#melFrame(Math.min(left + 1, last));
      for (let c = 0; c < this.#dim; c++)
        cut[c * (end - start) + frame - start] = between(before(c), after(c), place - left);
    }
    return cut;
  }

  /** A frame of the mel's rate: between the two nearest latents, each of which is in the middle of its frames. */
  #melFrame(frame: number): (channel: number) => number {
    const place = Math.max(0, (frame + 0.5) / framesPerLatent - 0.5);
    const left = Math.floor(place);
    const before = this.#latents[left] as Float32Array;
    const after = this.#latents[left + 1] ?? before;
    return (c) => Math.fround(between(before[c] as number, after[c] as number, place - left));
  }
}

/** Where a frame lies among those of the mel's rate; rounded as the program does it. */
function placeOf(frame: number): number {
  return Math.max(0, Math.fround(Math.fround((frame + 0.5) * Math.fround(1 / rateChange)) - 0.5));
}

function between(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
