/**
 * One training step of a UnifiedVoice in jax-js, as its users would write it: loss, gradients and Adam in one `jit`.
 * Each function owns its arguments: what is used twice is used as `.ref` first. `jit` refuses the gradient of `take`
 * ("routine primitive scatter input is not imm"): embeddings are products with one-hot rows instead.
 */
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";

/** @returns {Promise<() => Promise<number>>} Takes a step, and gives the loss before it. */
export async function open({ weights, inputs, config, adam }) {
  await init("wasm");
  defaultDevice("wasm");
  const { layers, modelDim: D, heads: H, conditioningBlocks, textWeight } = config;
  const array = ({ data, shape }) =>
    np.array(data, { shape, dtype: data instanceof Int32Array ? np.int32 : np.float32 });

  const linear = (x, w, b) => np.matmul(x, w).add(b);
  const layerNorm = (w, name, x) =>
    nn.standardize(x, -1).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
  const project = (w, name, x) => linear(x, w[`${name}.weight`], w[`${name}.bias`]);

  function block(w, name, x) {
    const [B, T] = x.shape;
    const qkv = project(w, `${name}.attn.c_attn`, layerNorm(w, `${name}.ln_1`, x.ref));
    const [q, k, v] = np.split(qkv, 3, -1).map((part) => part.reshape([B, T, H, D / H]));
    const found = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B, T, D]);
    const y = x.add(project(w, `${name}.attn.c_proj`, found));
    const inner = nn.gelu(project(w, `${name}.mlp.c_fc`, layerNorm(w, `${name}.ln_2`, y.ref)));
    return y.add(project(w, `${name}.mlp.c_proj`, inner));
  }

  /** [outputs, C, 1] on [B, T, C]. */
  function pointwise(w, name, x) {
    const weight = w[`${name}.weight`];
    return linear(x, np.transpose(weight.reshape(weight.shape.slice(0, 2))), w[`${name}.bias`]);
  }

  function conditioning(w, mel) {
    let x = pointwise(w, "conditioning_encoder.init", np.transpose(mel, [0, 2, 1]));
    const [B, T, C] = x.shape;
    for (let i = 0; i < conditioningBlocks; i++) {
      const name = `conditioning_encoder.attn.${i}`;
      const grouped = np.transpose(x.ref, [0, 2, 1]).reshape([B, 32, (C / 32) * T]);
      const normal = np
        .transpose(nn.standardize(grouped, -1).reshape([B, C, T]), [0, 2, 1])
        .mul(w[`${name}.norm.weight`])
        .add(w[`${name}.norm.bias`]);
      const qkv = pointwise(w, `${name}.qkv`, normal).reshape([B, T, H, (3 * C) / H]);
      const [q, k, v] = np.split(qkv, 3, 3);
      // Only the first frame of the last block is read.
      const isLast = i === conditioningBlocks - 1;
      const read = (y) => (isLast ? np.split(y, [1], 1)[0] : y);
      const heard = nn.dotProductAttention(read(q), k, v); // [B, T or 1, H, d]
      x = read(x).add(pointwise(w, `${name}.proj_out`, heard.reshape([B, -1, C])));
    }
    return x;
  }

  const lookUp = (table, ids) => np.matmul(nn.oneHot(ids, table.shape[0]), table);

  /** The mean over the targets that count: those that are ignored are -1, which is no class. */
  function crossEntropy(logits, targets, count) {
    const isCounted = np.greaterEqual(targets.ref, 0).astype(np.float32);
    const chosen = nn.oneHot(np.maximum(targets, 0), logits.shape.at(-1));
    const logs = chosen.mul(nn.logSoftmax(logits, -1)).sum(-1);
    return np.sum(logs.mul(isCounted)).mul(-1 / count);
  }

  const counted = (name) => inputs[name].data.filter((target) => target >= 0).length;
  const counts = { text: counted("textTargets"), mel: counted("melTargets") };

  function loss(w, batch) {
    const table = (text, mel) => np.concatenate([w[text], w[mel]], 0);
    const tokens = lookUp(table("text_embedding.weight", "mel_embedding.weight"), batch.ids);
    const places = table("text_pos_embedding.emb.weight", "mel_pos_embedding.emb.weight");
    const embedded = tokens.add(lookUp(places, batch.positions));
    let x = np.concatenate([conditioning(w, batch.conditioning), embedded], 1);
    for (let i = 0; i < layers; i++) x = block(w, `gpt.h.${i}`, x);
    x = layerNorm(w, "final_norm", layerNorm(w, "gpt.ln_f", x));
    const head = (name, h) => linear(h, np.transpose(w[`${name}.weight`]), w[`${name}.bias`]);
    const text = crossEntropy(head("text_head", x.ref), batch.textTargets, counts.text);
    return text
      .mul(textWeight)
      .add(crossEntropy(head("mel_head", x), batch.melTargets, counts.mel));
  }

  const { learningRate, beta1, beta2, epsilon } = adam;
  const step = jit((weights, means, squares, scales, batch) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(weights), batch);
    const [w, m, v] = [{}, {}, {}];
    for (const [name, g] of Object.entries(grads)) {
      m[name] = means[name].mul(beta1).add(g.ref.mul(1 - beta1));
      v[name] = squares[name].mul(beta2).add(np.square(g).mul(1 - beta2));
      const root = np.sqrt(v[name].ref.mul(scales.square.ref)).add(epsilon);
      w[name] = weights[name].sub(m[name].ref.mul(scales.mean.ref).div(root));
    }
    tree.dispose(scales);
    return [value, w, m, v];
  });

  const arrays = (tensors) =>
    Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, array(x)]));
  const zeros = () =>
    Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, np.zeros(shape)]));
  let [w, m, v] = [arrays(weights), zeros(), zeros()];
  const { conditioning: mel, ...others } = inputs;
  const [B, , bands, frames] = mel.shape; // One clip each.
  const batch = arrays({ ...others, conditioning: { ...mel, shape: [B, bands, frames] } });
  let steps = 0;
  return async () => {
    steps++;
    const scales = {
      mean: np.array(learningRate / (1 - beta1 ** steps)),
      square: np.array(1 / (1 - beta2 ** steps)),
    };
    const [value, ...next] = step(w, m, v, scales, tree.ref(batch));
    [w, m, v] = next;
    return (await value.data())[0];
  };
}
