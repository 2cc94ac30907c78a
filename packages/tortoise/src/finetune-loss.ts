import {
  type Chain,
  chainGradients,
  type Device,
  disposeTree,
  supportsFloat16,
  upload,
  type Weights,
} from "@hawksbill/core";
import type { Losses, LossProgram } from "@hawksbill/trainer";
import {
  type Batch,
  type ChainLosses,
  codeMetrics,
  type LossOptions,
  targetCounts,
  trainingChain,
  trainingLosses,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import type { TrainedWeights } from "./trained-weights.js";

/** A batch, and how its losses are taken: settings are part of a program's form. */
export interface LossBatch {
  readonly batch: Batch;
  readonly options: Pick<LossOptions, "textWeight" | "labelSmoothing">;
}

interface LossForm {
  readonly config: UnifiedVoiceConfig;
  readonly trained: Pick<TrainedWeights, "frozen" | "seen">;
  readonly device: Device;
}

/** The losses as one function, for one program. */
export function wholeLoss({
  config,
  trained: { frozen, seen },
}: LossForm): (weights: Weights, batch: LossBatch) => Losses {
  return (weights, { batch, options }) => {
    const all = seen({ ...frozen, ...weights });
    const { loss, mel, text, melLogits } = trainingLosses(all, batch, config, options);
    return counted({ loss, mel, text, ...codeMetrics(melLogits, batch, config) }, batch, config);
  };
}

/**
 * Losses with what each is the mean of, so that those of several batches are those of one large one. The loss itself counts
 * by its mel targets: the little of the text loss that is in it counts as they do.
 */
function counted(
  { loss, mel, text, codeLoss, stopAccuracy }: ChainLosses,
  batch: Batch,
  config: UnifiedVoiceConfig,
): Losses {
  const counts = targetCounts(batch, config);
  return {
    loss,
    mel,
    tokens: counts.mel,
    text: { mean: text, count: counts.text },
    codeLoss: { mean: codeLoss, count: counts.codes },
    stopAccuracy: { mean: stopAccuracy, count: counts.clips },
  };
}

/** Programs kept of each part, one for each form of batch: each keeps its memory, and a new one takes 0.1 s. */
const programsOfPart = 4;

/**
 * The losses as a chain of small programs, for big models: what is frozen is not copied, but to a GPU once, and few
 * activations are kept.
 */
export async function blockLoss({
  config,
  trained: { frozen, seen },
  device,
}: LossForm): Promise<LossProgram<LossBatch> & { release(): Promise<void> }> {
  const { first, block, ...names } = trainingChain(config);
  const chain: Chain<LossBatch, Losses> = {
    ...names,
    first: (weights, { batch }) => first(seen(weights), batch),
    block: (weights, x) => block(seen(weights), x),
    last: (weights, x, { batch, options }) =>
      counted(trainingChain(config, options).last(seen(weights), x, batch), batch, config),
  };
  const isUploaded = device.keepsResults && (await canUpload(frozen, device));
  const given = isUploaded ? await upload(frozen, device) : frozen;
  const { release, ...loss } = chainGradients(chain, {
    device,
    frozen: given,
    frozenAs: isUploaded || !device.keepsResults ? "inputs" : "constants",
    maxPrograms: programsOfPart,
  });
  return {
    ...loss,
    async release() {
      await release();
      if (isUploaded) disposeTree(given);
    },
  };
}

/**
 * Whether frozen weights can lie on a GPU as inputs of all programs. Those in 8 bits are constants of each program instead,
 * because their products are left to the CPU, and those in float16 where the GPU has none, because only constants are widened
 * on the CPU.
 */
async function canUpload(frozen: Weights, device: Device): Promise<boolean> {
  const dtypes = new Set(Object.values(frozen).map(({ dtype }) => dtype));
  if (dtypes.has("int8")) return false;
  return !dtypes.has("float16") || (await supportsFloat16(device));
}
