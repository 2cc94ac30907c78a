import type { OptimizerName } from "../optimizer-named.js";
import type { ScheduleName } from "../schedule-named.js";
import { ignored, kept, numberFrom, type Rule, replaced } from "./dlas-settings.js";

const count = { least: 1, isWhole: true };

const optimizers: Readonly<Record<string, OptimizerName>> = {
  adamw: "adamw",
  lion: "lion",
  sgd: "sgd",
  adamw_zero: "adamw",
  mu_adamw: "adamw",
  lars: "adamw",
  lamb: "adamw",
};

const optimizer: Rule = (value) => {
  const name = optimizers[String(value)];
  if (name === undefined) throw new RangeError(`give ${Object.keys(optimizers).join(", ")}`);
  const settings = { optimizer: name };
  return name === value
    ? { verdict: "kept", what: `the optimiser ${name}`, settings }
    : { verdict: "replaced", what: `not offered; the optimiser is ${name}`, settings };
};

const schedules: Readonly<Record<string, ScheduleName>> = {
  MultiStepLR: "multistep",
  ProgressiveMultiStepLR: "multistep",
  CosineAnnealingLR_Restart: "restarts",
};

const schedule: Rule = (value) => {
  const name = schedules[String(value)];
  if (name === undefined) throw new RangeError(`give ${Object.keys(schedules).join(", ")}`);
  const settings = { schedule: name };
  if (value === "MultiStepLR")
    return { verdict: "kept", what: "the rate falls in steps", settings };
  if (name === "restarts")
    return { verdict: "kept", what: "the rate falls by a cosine, again and again", settings };
  return { verdict: "replaced", what: `not offered; the schedule is ${name}`, settings };
};

const milestones: Rule = (value) => {
  if (!Array.isArray(value)) throw new RangeError("give steps, e.g. [500, 1000]");
  const settings = { milestones: value.map((step) => numberFrom(step, 0, true)) };
  return { verdict: "kept", what: "the steps at which the rate is lowered", settings };
};

const restarts: Rule = (value) => {
  const [first] = [value].flat().filter((step) => Number(step) > 0);
  if (first === undefined) return { verdict: "kept", what: "no restarts" };
  const restartEvery = numberFrom(first, 1, true);
  const what = `with CosineAnnealingLR_Restart the rate begins anew every ${restartEvery} steps`;
  return { verdict: "kept", what, settings: { restartEvery } };
};

const warmup: Rule = (value) => {
  const steps = Math.max(0, numberFrom(value, -1, true));
  const what = steps === 0 ? "no warm-up" : `the rate rises for ${steps} steps`;
  return { verdict: "kept", what, settings: { warmupSteps: steps } };
};

const use8bit: Rule = (value) =>
  value === true
    ? { verdict: "kept", what: "8-bit state, where the optimiser is AdamW", settings: {} }
    : { verdict: "kept", what: "state in float32" };

const keepCheckpoints: Rule = (value) => {
  const n = numberFrom(value, 0, true);
  return n === 0
    ? {
        verdict: "replaced",
        what: "0 kept them all and filled disks; the newest is kept (--keep-last)",
      }
    : { verdict: "kept", what: "so many of the newest", settings: { keepLast: n } };
};

const seed: Rule = (value) =>
  value === null
    ? { verdict: "replaced", what: "no seed drew one by chance; it is 0 (--seed)" }
    : { verdict: "kept", what: "the seed", settings: { seed: numberFrom(value, 0, true) } };

const ema: Rule = (value) =>
  value === false
    ? { verdict: "kept", what: "no moving average" }
    : {
        verdict: "kept",
        what: "a moving average of the weights: it is measured, and the model becomes it, in place of a second file",
      };

const emaRate: Rule = (value) => {
  const averageDecay = numberFrom(value, 0);
  if (averageDecay >= 1) throw new RangeError("give a number from 0 to below 1, e.g. 0.999");
  const what = "how much of the moving average a step keeps, with train.ema_enabled";
  return { verdict: "kept", what, settings: { averageDecay } };
};

const oneNetwork = ignored("one network is trained, all of it, from the first step on");
const progress = ignored("every step is told, and logged in log.jsonl");
const pictures = ignored("report.html has the pictures");
const builtIn = ignored("mels, codes, conditioning and losses are built in");

/** Rules for all but data and networks. */
export const trainingRules: Readonly<Record<string, Rule>> = {
  name: ignored("--out names the run's folder"),
  model: ignored("there is one trainer"),
  scale: ignored("it is a relic of image models"),
  distortion: ignored("it is a relic of image models"),
  gpu_ids: replaced("--device says where to compute"),
  start_step: ignored("a run begins at 0; --resume goes on"),
  force_start_step: ignored("a run begins at 0; --resume goes on"),
  checkpointing_enabled: ignored("memory is planned"),
  fp16: ignored("training is in float32"),
  bf16: ignored("training is in float32"),
  grad_scaler_enabled: ignored("training is in float32"),
  use_8bit: use8bit,
  wandb: replaced("log.jsonl, tensorboard/ and report.html are written, nothing is sent"),
  wandb_project_name: ignored("nothing is sent"),
  wandb_run_name: ignored("nothing is sent"),
  wandb_progress_use_raw_steps: ignored("nothing is sent"),
  use_tb_logger: (value) =>
    value === false
      ? { verdict: "replaced", what: "tensorboard/ in the run's folder is always written" }
      : { verdict: "kept", what: "tensorboard/ in the run's folder" },
  ddp_static_graph: ignored("there is one process"),
  keep_optimizer_states_on_cpu: ignored("memory is planned"),
  colab_mode: ignored("the run's folder has everything"),
  alt_path: ignored("the run's folder has everything"),

  "steps.*.training": ignored("UnifiedVoice is trained"),
  "steps.*.loss_log_buffer": progress,
  "steps.*.step_outputs": progress,
  "steps.*.optimizer": optimizer,
  "steps.*.optimizer_params.lr": kept("learningRate", "the learning rate"),
  "steps.*.optimizer_params.weight_decay": kept(
    "weightDecay",
    "the weight decay, of matrices only",
  ),
  "steps.*.optimizer_params.beta1": kept("beta1", "how much of the mean gradient is kept"),
  "steps.*.optimizer_params.beta2": kept("beta2", "how much of the mean square is kept"),
  "steps.*.optimizer_params.triton": ignored("it is a setting of CUDA"),
  "steps.*.clip_grad_eps": kept("clip", "longest gradient of each parameter group"),
  "steps.*.injectors": builtIn,
  "steps.*.losses.text_ce.weight": kept("textLossWeight", "of the text loss"),
  "steps.*.losses.mel_ce.weight": kept(
    "melLossWeight",
    "of the mel loss; the text loss is weighed against it",
  ),
  "steps.*.losses.*.*": builtIn,
  "steps.*.every": oneNetwork,
  "steps.*.after": oneNetwork,
  "steps.*.before": oneNetwork,
  "steps.*.requires": oneNetwork,
  "steps.*.no_accum": oneNetwork,
  "steps.*.eval": oneNetwork,
  "steps.*.train": oneNetwork,
  "steps.*.param_groups": oneNetwork,

  "path.pretrain_model_*": (value) => ({
    verdict: "kept",
    what:
      typeof value === "string"
        ? "the weights to begin with; dVAE and tokenizer are looked for beside the UnifiedVoice, or are --dvae and --tokenizer"
        : "no weights to begin with; --base names them",
  }),
  "path.pretrain_base_path_*": ignored("--base names the model"),
  "path.strict_load": ignored("a base that does not fit is always refused"),
  "path.resume_state": replaced("--resume RUN goes on, with all of the state"),
  "path.root": ignored("paths are given whole"),

  "train.niter": kept("steps", "optimiser steps; they end the run, not epochs", count),
  "train.warmup_iter": warmup,
  "train.warmup_steps": ignored("train.warmup_iter says how the rate rises"),
  "train.mega_batch_factor": kept("accumulate", "batches a step, each weighed alike", count),
  "train.val_freq": kept("evaluateEvery", "steps between measurements", count),
  "train.val_freq_megasamples": replaced("measurements are planned, or --evaluate-every"),
  "train.default_lr_scheme": schedule,
  "train.gen_lr_steps": milestones,
  "train.lr_gamma": kept("gamma", "the rate is lowered by this"),
  "train.ema_enabled": ema,
  "train.ema_rate": emaRate,
  "train.ema_on_cpu": replaced("the average follows each step, not every tenth"),
  "train.manual_seed": seed,
  "train.sort_key": ignored("batches hold clips of like length"),
  "train.auto_collate": ignored("batches are padded as needed"),
  "train.restarts": restarts,
  "train.restart_weights": replaced("each restart begins with the full rate"),
  "train.clear_state": ignored("a restart keeps the optimiser's state"),
  "train.force_lr": ignored("a resumed run keeps its rate"),
  "train.mod_batch_factor": ignored("mega_batch_factor says it"),
  "train.mod_batch_factor_eval": ignored("mega_batch_factor says it"),
  "train.batch_size_optimizer": ignored("the batch stays as it is"),

  "eval.pure": ignored("held-out clips are measured by the losses of training"),
  "eval.injectors": ignored("held-out clips are measured by the losses"),
  "eval.output_state": pictures,
  "eval.evaluators": replaced("held-out text and mel losses are measured"),
  "logger.print_freq": progress,
  "logger.save_checkpoint_freq": kept("checkpointEvery", "steps between checkpoints", count),
  "logger.visuals": pictures,
  "logger.visual_debug_rate": pictures,
  "logger.is_mel_spectrogram": pictures,
  "logger.reverse_n1_to_1": pictures,
  "logger.disable_state_saving": (value) =>
    value === false
      ? { verdict: "kept", what: "the complete state is saved" }
      : {
          verdict: "replaced",
          what: "the complete state is always saved, so that a run can go on",
        },
  "upgrades.number_of_checkpoints_to_save": keepCheckpoints,
  "upgrades.number_of_states_to_save": ignored("a checkpoint holds the state, too"),
};
