import type { ModelKind } from "../model-kind.js";
import { classifier } from "./classifier.js";
import { clvp } from "./clvp.js";
import { cvvp } from "./cvvp.js";
import { diffusion } from "./diffusion.js";
import { dvae } from "./dvae.js";
import { hifiganDecoder } from "./hifigan-decoder.js";
import { randomLatentConverter } from "./random-latent-converter.js";
import { unifiedVoice } from "./unified-voice.js";
import { univnet } from "./univnet.js";

/** Every kind of model that a checkpoint may hold, by its name. */
export const modelKinds = {
  dvae,
  "unified-voice": unifiedVoice,
  diffusion,
  clvp,
  cvvp,
  univnet,
  "hifigan-decoder": hifiganDecoder,
  "random-latent-converter": randomLatentConverter,
  classifier,
} satisfies { [kind: string]: ModelKind };

/** The name of a kind of model. */
export type ModelKindName = keyof typeof modelKinds;
