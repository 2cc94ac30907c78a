import { Random } from "@hawksbill/core";
import type { Generated, Prompt } from "@hawksbill/unified-voice";
import type { Job } from "./job.js";
import type { SpeechPlan } from "./speech-plan.js";
import type { Stages } from "./stages.js";

/** Speaks a prompt as many times as planned, some at once. */
export async function drawCandidates(
  prompt: Prompt,
  { candidates, batchSize, sampling, maxCodes }: SpeechPlan,
  { stages, job }: { readonly stages: Stages; readonly job: Job },
): Promise<Generated[]> {
  const random = job.random.fork("codes");
  const drawn: Generated[] = [];
  const steps = Math.ceil(candidates / batchSize) * maxCodes;
  job.tell("codes", 0, steps);
  await stages.use("autoregressive", async (model) => {
    while (drawn.length < candidates) {
      const rows = Math.min(batchSize, candidates - drawn.length);
      const before = (drawn.length / batchSize) * maxCodes;
      const batch = await model.generate(Array(rows).fill(prompt), {
        sampling,
        maxCodes,
        random: new RowsFrom(drawn.length, random),
        ...job.stopping,
        onProgress: ({ codes }) => job.tell("codes", before + codes, steps),
      });
      drawn.push(...batch);
    }
  });
  return drawn;
}

/** Rows of a batch draw as the candidates they are, so that the size of batches decides nothing. */
class RowsFrom extends Random {
  readonly #first: number;
  readonly #random: Random;

  constructor(first: number, random: Random) {
    super(0);
    this.#first = first;
    this.#random = random;
  }

  override fork(row: number): Random {
    return this.#random.fork(this.#first + row);
  }
}
