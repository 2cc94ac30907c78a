import { join } from "node:path";

/**
 * The folder where Hugging Face's libraries keep their downloads, by their rules.
 *
 * @param environment What sets it: `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`.
 * @param home The user's folder.
 */
export function huggingFaceCache(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  const all = HF_HOME || join(XDG_CACHE_HOME || join(home, ".cache"), "huggingface");
  return HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(all, "hub");
}
