import { sizeOf } from "@hawksbill/core";
import { type Inspection, inspection } from "./inspection.js";
import type { Shapes } from "./model-match.js";

/** A voice: latents of the two models, TorToiSe's list of recordings; or the mel normalisers beside them. */
export function inspectVoice(shapes: Shapes): Inspection | undefined {
  const all = [...shapes];
  const parameters = all.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const [[firstName = "", first = []] = [], [, second] = []] = all;
  if (all.length === 1 && first.length === 1 && first[0] === 80)
    return inspection({
      kind: "mel-norms",
      title: "mel normalisers",
      sizes: { bands: 80 },
      parameters,
    });
  if (all.length === 0 || !all.every(([, shape]) => isRow(shape))) return undefined;

  // TorToiSe's tuple has no names, so a reader numbers its parts.
  const isNumbered = all.every(([name]) => /(^|\.)\d+$/.test(name));
  const width = first.at(-1) ?? 0;
  const diffusionWidth = second?.at(-1) ?? 0;
  const isPair = all.length === 2 && diffusionWidth === 2 * width;
  const isNamed = /auto|latent|voice|conditioning/i.test(firstName);
  if ((isPair && (isNumbered || isNamed)) || (all.length === 1 && isNamed))
    return inspection({
      kind: "voice-latents",
      title: "latents of a voice",
      sizes: { autoregressive: width, ...(isPair ? { diffusion: diffusionWidth } : {}) },
      parameters,
      unknownSettings: [{ setting: "models", why: "latents fit only the models that made them" }],
    });
  if (isNumbered)
    return inspection({
      kind: "voice-clips",
      title: "recordings of a voice",
      sizes: { clips: all.length },
      parameters,
      unknownSettings: [
        { setting: "sample rate", released: 22050, why: "samples are numbers without a rate" },
      ],
      notes: ["TorToiSe writes such a list into a voice's folder; it holds no latents"],
    });
  return undefined;
}

/** [n] or [1, n]. */
function isRow(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[0] === 1);
}
