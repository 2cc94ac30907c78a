/**
 * One training step of a UnifiedVoice in TensorFlow.js on its WebAssembly backend, as its users would write it. That
 * backend has no `UnsortedSegmentSum`, the gradient of `gather`: embeddings are products with one-hot rows instead.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

/** @returns {Promise<() => Promise<number>>} Takes a step, and gives the loss before it. */
export async function open({ weights, inputs, config, adam }, wasmFolder, threads) {
  setWasmPaths(wasmFolder);
  setThreadsCount(threads);
  await tf.setBackend("wasm");
  await tf.ready();
  const { layers, modelDim: D, heads: H, conditioningBlocks, textWeight } = config;
  const constant = ({ data, shape }) =>
    tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32");

  const w = Object.fromEntries(
    Object.entries(weights).map(([name, x]) => [name, tf.variable(constant(x))]),
  );
  const batch = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, constant(x)]));

  /** [..., C] by [C, outputs]. */
  function linear(x, weight, bias, transposed = false) {
    const outputs = bias.shape[0];
    const rows = tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)]), weight, false, transposed);
    return tf.reshape(tf.add(rows, bias), [...x.shape.slice(0, -1), outputs]);
  }
  const project = (name, x) => linear(x, w[`${name}.weight`], w[`${name}.bias`]);
  function standardize(x) {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  }
  const layerNorm = (name, x) =>
    tf.add(tf.mul(standardize(x), w[`${name}.weight`]), w[`${name}.bias`]);
  const gelu = (x) =>
    tf.mul(
      tf.mul(0.5, x),
      tf.add(
        1,
        tf.tanh(
          tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))),
        ),
      ),
    );

  const T = inputs.melTargets.shape[1];
  // 0 where a position may look, far below elsewhere.
  const mask = tf.tensor(
    Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0)),
    [T, T],
  );

  function block(name, x) {
    const B = x.shape[0];
    const qkv = project(`${name}.attn.c_attn`, layerNorm(`${name}.ln_1`, x));
    const [q, k, v] = tf
      .split(qkv, 3, -1)
      .map((part) => tf.transpose(tf.reshape(part, [B, T, H, D / H]), [0, 2, 1, 3]));
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D / H));
    const found = tf.matMul(tf.softmax(tf.add(scores, mask)), v);
    const joined = tf.reshape(tf.transpose(found, [0, 2, 1, 3]), [B, T, D]);
    const y = tf.add(x, project(`${name}.attn.c_proj`, joined));
    const inner = gelu(project(`${name}.mlp.c_fc`, layerNorm(`${name}.ln_2`, y)));
    return tf.add(y, project(`${name}.mlp.c_proj`, inner));
  }

  /** [outputs, C, 1] on [B, frames, C]. */
  function pointwise(name, x) {
    const weight = w[`${name}.weight`];
    return linear(x, tf.reshape(weight, weight.shape.slice(0, 2)), w[`${name}.bias`], true);
  }

  function conditioning(mel) {
    let x = pointwise("conditioning_encoder.init", tf.transpose(tf.squeeze(mel, [1]), [0, 2, 1]));
    const [B, frames, C] = x.shape;
    for (let i = 0; i < conditioningBlocks; i++) {
      const name = `conditioning_encoder.attn.${i}`;
      const grouped = tf.reshape(tf.transpose(x, [0, 2, 1]), [B, 32, (C / 32) * frames]);
      const normal = tf.transpose(tf.reshape(standardize(grouped), [B, C, frames]), [0, 2, 1]);
      const scaled = tf.add(tf.mul(normal, w[`${name}.norm.weight`]), w[`${name}.norm.bias`]);
      const qkv = tf.reshape(pointwise(`${name}.qkv`, scaled), [B, frames, H, (3 * C) / H]);
      const [q, k, v] = tf.split(tf.transpose(qkv, [0, 2, 1, 3]), 3, -1);
      // Only the first frame of the last block is read.
      const read = i === conditioningBlocks - 1 ? 1 : frames;
      const query = tf.slice(q, [0, 0, 0, 0], [-1, -1, read, -1]);
      const scores = tf.mul(tf.matMul(query, k, false, true), 1 / Math.sqrt(C / H));
      const heard = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
      const found = pointwise(`${name}.proj_out`, tf.reshape(heard, [B, read, C]));
      x = tf.add(tf.slice(x, [0, 0, 0], [-1, read, -1]), found);
    }
    return x;
  }

  function lookUp(ids, ...tables) {
    const table = tf.concat(tables, 0);
    const rows = tf.matMul(
      tf.cast(tf.oneHot(tf.reshape(ids, [-1]), table.shape[0]), "float32"),
      table,
    );
    return tf.reshape(rows, [...ids.shape, D]);
  }

  const counted = (name) => inputs[name].data.filter((target) => target >= 0).length;
  const counts = { text: counted("textTargets"), mel: counted("melTargets") };
  /** The mean over the targets that count: those that are ignored are -1, which is one-hot in no class. */
  function crossEntropy(logits, targets, count) {
    const chosen = tf.cast(tf.oneHot(targets, logits.shape.at(-1)), "float32");
    return tf.mul(tf.sum(tf.mul(chosen, tf.logSoftmax(logits, -1))), -1 / count);
  }

  function loss() {
    const tokens = tf.add(
      lookUp(batch.ids, w["text_embedding.weight"], w["mel_embedding.weight"]),
      lookUp(
        batch.positions,
        w["text_pos_embedding.emb.weight"],
        w["mel_pos_embedding.emb.weight"],
      ),
    );
    let x = tf.concat([conditioning(batch.conditioning), tokens], 1);
    for (let i = 0; i < layers; i++) x = block(`gpt.h.${i}`, x);
    x = layerNorm("final_norm", layerNorm("gpt.ln_f", x));
    const head = (name) => linear(x, w[`${name}.weight`], w[`${name}.bias`], true);
    const text = crossEntropy(head("text_head"), batch.textTargets, counts.text);
    return tf.add(
      tf.mul(text, textWeight),
      crossEntropy(head("mel_head"), batch.melTargets, counts.mel),
    );
  }

  const { learningRate, beta1, beta2, epsilon } = adam;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  return async () => {
    const value = optimizer.minimize(loss, true);
    const [number] = await value.data();
    value.dispose();
    return number;
  };
}
