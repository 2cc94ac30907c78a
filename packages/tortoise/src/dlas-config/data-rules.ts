import { ignored, kept, numberFrom, type Rule, replaced } from "./dlas-settings.js";

function paths(name: "trainingLists" | "heldOutLists", what: string): Rule {
  return (value) => {
    const list = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !list.every((path) => typeof path === "string" && path !== ""))
      throw new RangeError("give the path of a list, or several");
    return { verdict: "kept", what, settings: { [name]: list } };
  };
}

const formats = ["lj", "libritts", "tsv", "mozilla_cv", "voxpopuli"];

const fetcherMode: Rule = (value) => {
  const modes = Array.isArray(value) ? value : [value];
  if (modes.every((mode) => formats.includes(mode)))
    return { verdict: "ignored", what: "how a list is written is seen by its contents" };
  throw new RangeError(`give ${formats.join(", ")}`);
};

const mode: Rule = (value) => {
  if (value === "paired_voice_audio")
    return { verdict: "kept", what: "recordings with their texts" };
  return { verdict: "replaced", what: "read as paired_voice_audio: recordings with their texts" };
};

/** A length in samples, in seconds. */
function samples(name: "minimumSeconds" | "maximumSeconds", what: string): Rule {
  return (value) => {
    // Two digits, as it is said of clips that are left out.
    const seconds = Math.round((numberFrom(value, 1) / sampleRateHz) * 100) / 100;
    return { verdict: "kept", what, settings: { [name]: seconds } };
  };
}

const sampleRateHz = 22_050;

/** What the training and the validation data have in common. */
const common: Readonly<Record<string, Rule>> = {
  name: ignored("data sets need no names"),
  n_workers: ignored("clips are read once, before training"),
  mode,
  fetcher_mode: fetcherMode,
  phase: ignored("its place says it"),
  sample_rate: ignored("recordings of any rate are brought to 22,050 Hz"),
  load_conditioning: replaced(
    "clips always condition on another clip of the voice, never on themselves",
  ),
  num_conditioning_candidates: ignored("datasets.train.num_conditioning_candidates says it"),
  conditioning_length: replaced(
    "of conditioning clips is heard what is heard in speaking: 6 s by TorToiSe's UnifiedVoice",
  ),
  use_bpe_tokenizer: ignored("the base's tokenizer holds"),
  tokenizer_vocab: replaced("the base's tokenizer holds: another one would mean other words"),
  load_aligned_codes: ignored("aligned codes are not used"),
  aligned_codes_ratio: ignored("aligned codes are not used"),
  types: ignored("one type of text"),
  debug_loading_failures: replaced("every clip that fails is listed with the reason"),
  pin_memory: ignored("it is a setting of CUDA"),
  needs_collate: ignored("batches are padded as needed"),
  text_cleaners: replaced("the base's tokenizer has its cleaners"),
  seed: ignored("train.manual_seed or --seed is the one seed"),
};

function under(part: "train" | "val", rules: Readonly<Record<string, Rule>>): Record<string, Rule> {
  return Object.fromEntries(
    Object.entries({ ...common, ...rules }).map(([key, rule]) => [`datasets.${part}.${key}`, rule]),
  );
}

/** Rules under `datasets`. */
export const dataRules: Readonly<Record<string, Rule>> = {
  ...under("train", {
    path: paths("trainingLists", "the clips to train on"),
    num_conditioning_candidates: kept(
      "conditioningClips",
      "other clips of the voice that each one hears; what is heard is averaged, as in speaking",
      { least: 1, isWhole: true },
    ),
    batch_size: kept("clipsAStep", "clips a step", { least: 1, isWhole: true }),
    max_wav_length: samples(
      "maximumSeconds",
      "longer clips are left out and listed, as are those of more than 11.61 s or the base's positions",
    ),
    min_wav_length: samples("minimumSeconds", "shorter clips are left out and listed"),
    max_text_length: kept(
      "maximumTextTokens",
      "clips with more tokens are left out and listed, as are those of more than 200 or the base's positions",
      {
        least: 1,
        isWhole: true,
      },
    ),
  }),
  ...under("val", {
    path: paths("heldOutLists", "the clips to measure with"),
    batch_size: ignored("held-out clips are measured in batches of the training's size"),
    max_wav_length: ignored("datasets.train.max_wav_length says it"),
    min_wav_length: ignored("datasets.train.min_wav_length says it"),
    max_text_length: ignored("datasets.train.max_text_length says it"),
  }),
};
