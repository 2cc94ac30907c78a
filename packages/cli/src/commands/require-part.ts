import { CliError } from "../cli-error.js";
import { optionOf, type RunSettings } from "../run/run-config.js";

/** Settings that mean something for UnifiedVoice alone. */
const ofUnifiedVoice: readonly (keyof RunSettings)[] = [
  "recipe",
  "textWeight",
  "labelSmoothing",
  "conditioningDropout",
  "basePrecision",
  "update",
  "decoderSteps",
];

const ofDiffusion: readonly (keyof RunSettings)[] = ["diffusion", "unconditioned"];

/** @throws {CliError} A setting is asked for that the part which is trained has not. */
export function requirePart(
  asked: Partial<RunSettings>,
  { part }: Pick<Partial<RunSettings>, "part">,
): void {
  const isDiffusion = part === "diffusion";
  const wrong = (isDiffusion ? ofUnifiedVoice : ofDiffusion).find(
    (name) => asked[name] !== undefined,
  );
  if (wrong === undefined) return;
  throw new CliError(
    isDiffusion
      ? `${optionOf(wrong)} is for the training of UnifiedVoice; leave it out with --part diffusion`
      : `${optionOf(wrong)} is for the training of the diffusion decoder; give --part diffusion, too, or leave it out`,
  );
}
