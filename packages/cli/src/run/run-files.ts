/** What a run leaves in its folder. */
export const runFiles = {
  /** The complete state of training, to go on from. */
  checkpoint: "checkpoint.safetensors",
  /** A folder: the checkpoints to keep, `step-40.safetensors`. */
  checkpoints: "checkpoints",
  /** What was trained, where that is an adapter. */
  adapter: "adapter.safetensors",
  /** With `--part diffusion`: the fine-tuned decoder, to be loaded in the released one's place. */
  diffusion: "diffusion_decoder.pth",
  /** What a resumed run has to have in common with this one. */
  config: "config.json",
  /** A line an event, each once. */
  log: "log.jsonl",
  /** When, where and how long the run went: a line as a session begins, at each checkpoint and as it ends. */
  sessions: "sessions.jsonl",
  /** A folder: what TensorBoard shows. */
  tensorboard: "tensorboard",
  /** A folder: the sentence as the model says it on its way, `step-000100.wav`. */
  samples: "samples",
  /** A folder: the fine-tuned model, to speak with. */
  model: "model",
  reference: "reference.wav",
  before: "before.wav",
  after: "after.wav",
  report: "report.html",
  summary: "summary.json",
} as const;
