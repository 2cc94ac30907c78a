import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.js";
import { readDlasConfig } from "./read-dlas-config.js";

/** Every part that fine-tuning configurations of UnifiedVoice have, in our own words and values. */
const gpt = `
name: my-voice
model: extensibletrainer
scale: 1
gpu_ids: [0]
start_step: 0
checkpointing_enabled: true
fp16: false
use_8bit: true
wandb: false
use_tb_logger: true
datasets:
  train: &data
    name: training
    n_workers: 8
    batch_size: 128
    mode: paired_voice_audio
    path: voices/mine/train.txt
    fetcher_mode: [lj]
    phase: train
    max_wav_length: 255995
    max_text_length: 200
    sample_rate: 22050
    load_conditioning: True
    num_conditioning_candidates: 2
    conditioning_length: 44000
    use_bpe_tokenizer: True
    load_aligned_codes: False
  val:
    <<: *data
    path: voices/mine/validation.txt
    batch_size: 64
steps:
  gpt_train:
    training: gpt
    loss_log_buffer: 500
    optimizer: adamw
    optimizer_params:
      lr: !!float 1e-5
      weight_decay: 1e-2
      beta1: 0.9
      beta2: 0.96
      triton: false
    clip_grad_eps: 4
    injectors:
      paired_to_mel: { type: torch_mel_spectrogram, in: wav, out: paired_mel }
    losses:
      text_ce: { type: direct, weight: .01, key: loss_text_ce }
      mel_ce: { type: direct, weight: 1, key: loss_mel_ce }
networks:
  gpt:
    type: generator
    which_model_G: unified_voice2
    kwargs:
      layers: 30
      model_dim: 1024
      number_text_tokens: 256
      start_mel_token: 8192
      tortoise_compat: True
path:
  pretrain_model_gpt: ../experiments/autoregressive.pth
  strict_load: true
train:
  niter: 50000
  warmup_iter: -1
  mega_batch_factor: 4
  val_freq: 500
  default_lr_scheme: MultiStepLR
  gen_lr_steps: [500, 1000, 1400, 1800]
  lr_gamma: 0.5
  ema_enabled: false
  manual_seed: 7
eval:
  pure: true
logger:
  print_freq: 100
  save_checkpoint_freq: 500
  visuals: [gen, mel]
  visual_debug_rate: 500
  is_mel_spectrogram: true
  disable_state_saving: true
upgrades:
  number_of_checkpoints_to_save: 2
  number_of_states_to_save: 0
`;

function noteOf(text: string, key: string): object | undefined {
  return readDlasConfig(text, "gpt.yml").notes.find((note) => note.key === key);
}

test("keeps what means something", () => {
  const { trains, settings } = readDlasConfig(gpt, "gpt.yml");

  expect(trains).toBe("unifiedVoice");
  expect(settings).toEqual({
    trainingLists: ["voices/mine/train.txt"],
    heldOutLists: ["voices/mine/validation.txt"],
    maximumSeconds: 11.61,
    maximumTextTokens: 200,
    clipsAStep: 128,
    accumulate: 4,
    steps: 50_000,
    learningRate: 1e-5,
    optimizer: "adamw8bit",
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.96,
    clip: 4,
    schedule: "multistep",
    warmupSteps: 0,
    milestones: [500, 1000, 1400, 1800],
    gamma: 0.5,
    textLossWeight: 0.01,
    melLossWeight: 1,
    evaluateEvery: 500,
    checkpointEvery: 500,
    keepLast: 2,
    seed: 7,
    conditioningClips: 2,
    pretrained: "../experiments/autoregressive.pth",
  });
});

test("cosines with restarts are kept", () => {
  const config = "train: { default_lr_scheme: CosineAnnealingLR_Restart, restarts: [0, 400, 800] }";
  const { settings } = readDlasConfig(config, "gpt.yml");
  expect(settings).toEqual({ schedule: "restarts", restartEvery: 400 });
});

test("a moving average is kept where it is on", () => {
  const averages = (train: string): number | undefined =>
    readDlasConfig(`train: { ${train} }`, "gpt.yml").settings.averageDecay;
  expect(averages("ema_enabled: true, ema_rate: 0.99")).toBe(0.99);
  expect(averages("ema_enabled: true")).toBe(0.999);
  expect(averages("ema_enabled: false, ema_rate: 0.99")).toBeUndefined();
  expect(() => averages("ema_rate: 1")).toThrow("give a number from 0 to below 1, e.g. 0.999");
});

test("says what is done in place of what was wrong", () => {
  expect(noteOf(gpt, "networks.gpt.kwargs.tortoise_compat")).toEqual({
    key: "networks.gpt.kwargs.tortoise_compat",
    value: true,
    verdict: "replaced",
    what: "true taught silence in place of the stop token; clips end where they end (recipe dlas: as it was)",
  });
  expect(noteOf(gpt, "logger.disable_state_saving")).toMatchObject({ verdict: "replaced" });
  expect(noteOf(gpt, "scale")).toMatchObject({ verdict: "ignored" });
});

describe("an unknown key is named with the nearest known one", () => {
  test.each([
    ["train:\n  nitre: 5", '"train.nitre" is no key of DL-Art-School; did you mean "train.niter"?'],
    ["trian: {}", '"trian" is no key of DL-Art-School; did you mean "train"?'],
    [
      "networks:\n  gpt:\n    kwargs:\n      layer: 3",
      '"networks.gpt.kwargs.layer" is no key of DL-Art-School; did you mean "networks.gpt.kwargs.layers"?',
    ],
    ["zzzzzzzzzzzz: 1", '"zzzzzzzzzzzz" is no key of DL-Art-School; take it out'],
  ])("%j", (text, message) => {
    expect(() => readDlasConfig(text, "gpt.yml")).toThrow(`gpt.yml: ${message}`);
  });
});

test.each([
  ["train:\n  niter: many", 'train.niter is "many"; give a whole number of 1 or more'],
  ["train:\n  gen_lr_steps: 5", "train.gen_lr_steps is 5; give steps, e.g. [500, 1000]"],
  ["steps:\n  a:\n    optimizer: adam", "give adamw, lion, sgd, "],
  ["train: 5", "train is 5; give keys and values"],
  [
    "name: !!python/object:os.system x",
    "Unresolved tag: tag:yaml.org,2002:python/object:os.system",
  ],
  ["- 1", "holds no keys and values"],
])("refuses %j", (text, message) => {
  expect(() => readDlasConfig(text, "gpt.yml")).toThrow(message);
});

test("aliases of aliases do not grow without end", () => {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `a${i}: &a${i} [${i === 0 ? "x" : Array(9).fill(`*a${i - 1}`)}]`,
  );

  expect(() => readDlasConfig(levels.join("\n"), "bomb.yml")).toThrow("too many aliases");
});

test("reads numbers that YAML takes for words", () => {
  const { settings } = readDlasConfig(
    "steps: { a: { optimizer_params: { lr: '1e-5' } } }",
    "gpt.yml",
  );

  expect(settings.learningRate).toBe(1e-5);
});

/** Every part that configurations of the diffusion model have, in our own words and values. */
const diffusion = `
name: my-diffusion
model: extensibletrainer
scale: 1
gpu_ids: [0]
start_step: -1
force_start_step: 0
checkpointing_enabled: true
fp16: false
grad_scaler_enabled: false
use_8bit: true
wandb: false
use_tb_logger: true
distortion: sr
datasets:
  train:
    name: training
    n_workers: 4
    batch_size: 32
    mode: paired_voice_audio
    path: train.txt
    fetcher_mode: lj
    phase: train
    max_wav_length: 220500
    max_text_length: 999
    sample_rate: 22050
    load_conditioning: True
    num_conditioning_candidates: 1
    conditioning_length: 102400
    use_bpe_tokenizer: True
    load_aligned_codes: False
    needs_collate: false
steps:
  ddpm_train:
    training: ddpm
    loss_log_buffer: 2000
    step_outputs: [loss]
    optimizer: adamw
    optimizer_params: { lr: !!float 1e-5, weight_decay: 0.001, beta1: 0.9, beta2: 0.999 }
    clip_grad_eps: 1.0
    injectors:
      to_latents: { type: gpt_voice_latent, gpt_path: ../experiments/autoregressive.pth }
      diffusion: { type: gaussian_diffusion, generator: ddpm, beta_schedule: { schedule_name: linear } }
    losses:
      diffusion_loss: { type: direct, weight: 1, after: 200, key: loss }
      var_loss: { type: direct, weight: 1, after: 200, key: vb_loss }
      mel_surrogate: { type: direct, weight: 1, key: mel_pred }
networks:
  ddpm:
    type: generator
    which_model_G: diffusion_tts_flat
    kwargs:
      model_channels: 1024
      num_layers: 10
      in_channels: 100
      out_channels: 200
      in_latent_channels: 1024
      in_tokens: 8193
      dropout: 0
      use_fp16: false
      num_heads: 16
      layer_drop: 0
      unconditioned_percentage: .1
      freeze_everything_except_autoregressive_inputs: false
path: { pretrain_model_gpt: ../experiments/diffusion.pth, strict_load: true }
train:
  niter: 50000
  warmup_iter: -1
  warmup_steps: 0
  mega_batch_factor: 8
  val_freq: 150
  default_lr_scheme: MultiStepLR
  gen_lr_steps: [99999999]
  lr_gamma: .2
  ema_enabled: true
  ema_rate: .9995
  ema_on_cpu: true
  sort_key: wav_lengths
  auto_collate: true
eval: { pure: false, output_state: gen, injectors: {}, evaluators: { fid: { type: audio_diffusion_fid } } }
logger: { print_freq: 50, save_checkpoint_freq: 150, visuals: [gen], visual_debug_rate: 99999999, disable_state_saving: true }
upgrades: { number_of_checkpoints_to_save: 0, number_of_states_to_save: 0 }
`;

test("the diffusion model's configuration: what is kept, and that its weights were never loaded", () => {
  const { trains, settings, notes } = readDlasConfig(diffusion, "diff.yml");
  expect(trains).toBe("diffusion");
  expect(settings).toMatchObject({
    ...{ maximumSeconds: 10, maximumTextTokens: 999 },
    ...{ clipsAStep: 32, accumulate: 8, steps: 50_000, evaluateEvery: 150, checkpointEvery: 150 },
    ...{ learningRate: 1e-5, weightDecay: 0.001, beta1: 0.9, beta2: 0.999, clip: 1 },
    ...{ conditioningClips: 1, unconditioned: 0.1, averageDecay: 0.9995 },
    pretrained: "../experiments/diffusion.pth",
    latentsFrom: "../experiments/autoregressive.pth",
  });
  expect(notes.at(-1)?.what).toContain('no network is called "gpt" (there is ddpm)');
  const noteOf = (key: string) => notes.find((note) => note.key === key);
  expect(noteOf("steps.ddpm_train.training")?.what).toMatch(/^the diffusion decoder is trained/);
  expect(noteOf("networks.ddpm.kwargs.unconditioned_percentage")?.verdict).toBe("kept");
  expect(noteOf("steps.ddpm_train.losses.diffusion_loss.after")?.verdict).toBe("replaced");
  expect(notes.filter(({ what }) => /UnifiedVoice is trained/.test(what))).toEqual([]);
});

test("nearest names the most like, and nothing that is not", () => {
  expect(nearest("lern-rate", ["steps", "learning-rate"])).toBe("learning-rate");
  expect(nearest("bath_size", ["batch_size", "path"])).toBe("batch_size");
  expect(nearest("xyzzy", ["batch_size"])).toBeUndefined();
});
