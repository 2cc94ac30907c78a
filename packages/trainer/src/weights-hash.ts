import { type Tensor, toNumbers, type Weights } from "@hawksbill/core";
import { bytesOf } from "./float-values.js";
import { TrainingError } from "./training-error.js";

/**
 * SHA-256 of weights: of their names, shapes and values, whatever file they come from and in whatever
 * order. float16 counts as the float32 of the same value.
 *
 * @returns 64 hexadecimal digits.
 * @throws {TrainingError} This is a page without `crypto.subtle`.
 */
export async function weightsHash(weights: Weights): Promise<string> {
  const lines: string[] = [];
  for (const name of Object.keys(weights).sort()) {
    const weight = weights[name] as Tensor;
    const kind = weight.dtype === "float16" ? "float32" : weight.dtype;
    lines.push(
      `${JSON.stringify(name)} ${kind} [${weight.shape}] ${await sha256(await valuesOf(weight))}`,
    );
  }
  return sha256(new TextEncoder().encode(lines.join("\n")));
}

async function valuesOf(weight: Tensor): Promise<Uint8Array> {
  const data = await weight.data();
  return bytesOf(weight.dtype === "float16" ? toNumbers(data, weight.dtype) : data);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle)
    throw new TrainingError(
      "weightsHash: this page has no crypto.subtle; serve it over https, or from localhost",
    );
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
