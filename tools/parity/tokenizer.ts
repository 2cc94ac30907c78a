import { Tokenizer } from "@hawksbill/text";
import type { Row } from "./compare.js";

/** What the original makes of a text. */
interface Case {
  readonly text: string;
  readonly cleaned: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

/** Whether parsed JSON is a list of texts with what the original tokenizer makes of them. */
export function isTokenizerFixture(json: unknown): json is readonly Case[] {
  return (
    Array.isArray(json) &&
    json.length > 0 &&
    json.every((item) => typeof item?.text === "string" && Array.isArray(item.ids))
  );
}

/** Cleaned texts, their ids, and the texts of the ids. */
export function checkTokenizer(cases: readonly Case[], vocabulary: unknown): Row[] {
  const tokenizer = Tokenizer.fromJSON(vocabulary);
  const row = (name: keyof Case, ours: (item: Case) => string | readonly number[]): Row => {
    const other = cases.filter((item) => JSON.stringify(ours(item)) !== JSON.stringify(item[name]));
    const [first] = other;
    const error = other.length / cases.length;
    return {
      name,
      relative: error,
      largest: error,
      limit: { kind: "exact" },
      ...(first && {
        problem: `${other.length} of ${cases.length} texts differ, the first is ${JSON.stringify(first.text)}: ours ${JSON.stringify(ours(first))}, theirs ${JSON.stringify(first[name])}`,
      }),
    };
  };
  return [
    row("cleaned", ({ text }) => tokenizer.clean(text)),
    row("ids", ({ text }) => tokenizer.encode(text)),
    row("decoded", ({ ids }) => tokenizer.decode(ids)),
  ];
}
