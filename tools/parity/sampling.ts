import { type Tensor, tensor } from "@hawksbill/core";
import { processLogits, type SamplingOptions } from "@hawksbill/unified-voice";
import { compareTensors } from "./compare.js";
import { type Check, rowsOf, tensorOf } from "./fixture.js";

/** Logits processors, alone and together: the tensors' names say which, e.g. "typical_0.9". */
export const checkSampling: Check = async (fixture) => {
  const logits = tensorOf(fixture, "inputs_logits");
  const ids = rowsOf(tensorOf(fixture, "inputs_ids"));
  const process = (options: SamplingOptions): Tensor => {
    const rows = rowsOf(logits).map((row, b) =>
      processLogits(Float32Array.from(row), ids[b] ?? [], options),
    );
    return tensor(Float32Array.from(rows.flatMap((row) => [...row])), { shape: logits.shape });
  };
  const ours = Object.keys(fixture.tensors).flatMap((name): [string, Tensor][] => {
    const options = optionsOf(name);
    return options ? [[name, process(options)]] : [];
  });
  return compareTensors(fixture.tensors, Object.fromEntries(ours));
};

const none: SamplingOptions = { repetitionPenalty: 1, temperature: 1, topK: 0, topP: 1 };

/** Spellings in the names, short where several processors are joined. */
const spellings: { readonly [O in keyof Required<SamplingOptions>]: RegExp } = {
  repetitionPenalty: /^rep(?:etition)?_?([\d.]+)$/,
  typicalMass: /^typ(?:ical)?_?([\d.]+)$/,
  temperature: /^temp(?:erature)?_?([\d.]+)$/,
  topK: /^top_?k_?(\d+)$/,
  topP: /^top_?p_?([\d.]+)$/,
};

/** What a name asks for; nothing if a part of it is no processor. */
function optionsOf(name: string): SamplingOptions | undefined {
  const parts = name.match(/[a-z_]+[\d.]+/g) ?? [];
  const found = parts.map((part) => {
    for (const [option, spelling] of Object.entries(spellings)) {
      const value = part.replace(/^_/, "").match(spelling)?.[1];
      if (value !== undefined) return { [option]: Number(value) };
    }
    return undefined;
  });
  if (found.length === 0 || found.includes(undefined) || parts.join("") !== name) return undefined;
  return Object.assign({}, none, ...found);
}
