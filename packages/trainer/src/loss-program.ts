import { compile, valueAndGradWithAux, type Weights } from "@hawksbill/core";
import type { LossProgram, TrainOptions } from "./train-options.js";

/**
 * The loss as programs: those that were given, or one for training and one for measuring, compiled from the function.
 *
 * @param options.keepGradients Whether gradients stay on the device.
 */
export function lossProgram<B>(
  { device, loss, maxPrograms = 16 }: TrainOptions<B>,
  { keepGradients }: { readonly keepGradients: boolean },
): LossProgram<B> & { release(): Promise<void> } {
  if (typeof loss !== "function")
    return {
      run: (weights, batch, take) => loss.run(weights, batch, take),
      measure: (weights, batch) => loss.measure(weights, batch),
      release: async () => undefined,
    };
  const train = compile(
    (weights: Weights, batch: B) =>
      valueAndGradWithAux((weights: Weights) => {
        const { loss: scalar, ...aux } = loss(weights, batch);
        return { loss: scalar, aux };
      })(weights),
    {
      device,
      maxPrograms,
      name: "train",
      keepOnDevice: (path) => keepGradients && path.startsWith("grads."),
    },
  );
  const measure = compile(loss, { device, maxPrograms, name: "evaluate" });
  return {
    async run(weights, batch) {
      const { value, aux, grads } = await train(weights, batch);
      return { losses: { ...aux, loss: value }, grads };
    },
    measure,
    async release() {
      await train.release();
      await measure.release();
    },
  };
}
