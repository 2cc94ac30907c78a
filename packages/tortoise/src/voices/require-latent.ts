import { TortoiseError } from "../tortoise-error.js";

/** @throws {TortoiseError} A latent is another model's, or no numbers. */
export function requireLatent(
  part: "autoregressive" | "diffusion",
  numbers: Float32Array | undefined,
  length: number,
): void {
  if (numbers?.length !== length)
    throw new TortoiseError(
      `voice: the ${part} latent has ${numbers?.length ?? 0} numbers, this model's has ${length}; make it with this model, of the voice's clips`,
    );
  if (!numbers.every(Number.isFinite))
    throw new TortoiseError(
      `voice: the ${part} latent holds what is no finite number; make it anew of the voice's clips`,
    );
}
