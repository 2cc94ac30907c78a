import { sizeOf } from "@hawksbill/core";
import type { MisshapenTensor, MissingTensor } from "./compare.js";
import { type Inspection, inspection, type Listing } from "./inspection.js";
import type { Shapes } from "./model-match.js";

/** The two matrices of LoRA, as PEFT and others call them: [rank, in] and [out, rank]. */
const matrix = /^(.+)\.lora_(A|B|down|up)(?:\.default)?(?:\.weight)?$/;

/** An adapter (LoRA): a pair of small matrices for each layer that it changes. */
export function inspectAdapter({ metadata = {} }: Listing, shapes: Shapes): Inspection | undefined {
  const pairs = new Map<string, { down?: string; up?: string }>();
  const others: string[] = [];
  for (const name of shapes.keys()) {
    const [, module, part] = matrix.exec(name) ?? [];
    if (module === undefined) others.push(name);
    else {
      const side = part === "A" || part === "down" ? "down" : "up";
      pairs.set(module, { ...pairs.get(module), [side]: name });
    }
  }
  if (pairs.size === 0 || 2 * pairs.size < others.length) return undefined;

  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  const ranks = new Map<number, number>();
  for (const { down, up } of pairs.values()) {
    const rank = shapes.get(down ?? "")?.[0] ?? shapes.get(up ?? "")?.[1] ?? 0;
    ranks.set(rank, (ranks.get(rank) ?? 0) + 1);
  }
  const [[rank = 0] = []] = [...ranks].sort(([, a], [, b]) => b - a);
  for (const { down, up } of pairs.values()) {
    if (down === undefined || up === undefined) {
      const tensor = down?.replace(/lora_(A|down)/, swap) ?? up?.replace(/lora_(B|up)/, swap) ?? "";
      const expected = up === undefined ? ["out", rank] : [rank, "in"];
      missing.push({ tensor, expected, cause: "only one of the layer's two matrices was saved" });
      continue;
    }
    const a = shapes.get(down) ?? [];
    const b = shapes.get(up) ?? [];
    if (a.length === 2 && b.length === 2 && a[0] === b[1]) continue;
    misshapen.push({
      tensor: up,
      shape: b,
      expected: [b[0] ?? "out", a[0] ?? rank],
      cause: "the two matrices of a layer have one rank: they are of different adapters",
    });
  }
  return inspection({
    kind: "adapter",
    title: "adapter (LoRA)",
    sizes: { rank, adaptedLayers: pairs.size },
    parameters: [...shapes.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
    missing,
    misshapen,
    unexpected: others.filter((name) => !/alpha$/.test(name)),
    unknownSettings: Object.keys(metadata).some((key) => /alpha|adapter/i.test(key))
      ? []
      : [
          { setting: "alpha", why: "how strongly it works; the file does not say" },
          { setting: "base", why: "the model that it was trained on; the file does not say" },
        ],
  });
}

function swap(name: string): string {
  const others: Readonly<Record<string, string>> = {
    lora_A: "lora_B",
    lora_B: "lora_A",
    lora_down: "lora_up",
    lora_up: "lora_down",
  };
  return others[name] ?? name;
}
