import { type Cleaners, cleaners } from "./cleaners.js";
import { MAX_TOKENS } from "./merges.js";
import { TextError } from "./text-error.js";
import { type AddedToken, SPECIAL_TOKENS, UNKNOWN, type Vocabulary } from "./vocabulary.js";

/** A `tokenizer.json` of the Hugging Face `tokenizers` library, for a TorToiSe vocabulary. */
export interface TokenizerJSON {
  readonly version: "1.0";
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly (AddedToken & {
    readonly single_word: false;
    readonly lstrip: false;
    readonly rstrip: false;
    readonly normalized: false;
  })[];
  readonly normalizer: null;
  readonly pre_tokenizer: { readonly type: "Whitespace" };
  readonly post_processor: null;
  readonly decoder: null;
  readonly model: {
    readonly type: "BPE";
    readonly dropout: null;
    readonly unk_token: string;
    readonly continuing_subword_prefix: null;
    readonly end_of_word_suffix: null;
    readonly fuse_unk: boolean;
    readonly vocab: { readonly [token: string]: number };
    readonly merges: readonly string[];
    /** Hawksbill's own, absent for "english". The library passes over keys it does not know here. */
    readonly cleaners?: Cleaners;
  };
}

/** What changes the encoding in ways that Hawksbill has not; TorToiSe's tokenizers have none of it. */
const UNUSED = ["truncation", "padding", "normalizer", "post_processor", "decoder"];
const UNUSED_BY_MODEL = [
  ...["dropout", "continuing_subword_prefix", "end_of_word_suffix"],
  ...["byte_fallback", "ignore_merges"],
];
const UNUSED_BY_ADDED_TOKENS = ["single_word", "lstrip", "rstrip"];

/**
 * Reads the parsed text of a `tokenizer.json`.
 *
 * @throws {TextError} It is not a BPE tokenizer of TorToiSe's kind; the message names the place.
 */
export function parseTokenizerJSON(json: unknown): Vocabulary {
  const file = record(json, "the tokenizer");
  const model = record(file.model, "model");
  for (const key of UNUSED) expectUnused(file[key], key);
  for (const key of UNUSED_BY_MODEL) expectUnused(model[key], `model.${key}`);
  expectValue(model.type, "model.type", "BPE");
  expectValue(model.unk_token, "model.unk_token", UNKNOWN);
  expectValue(record(file.pre_tokenizer, "pre_tokenizer").type, "pre_tokenizer.type", "Whitespace");

  const tokens = new Map(
    Object.entries(record(model.vocab, "model.vocab")).map(([token, id]) => {
      return [token, tokenId(id, `model.vocab[${JSON.stringify(token)}]`)];
    }),
  );
  const addedTokens = list(file.added_tokens, "added_tokens").map(parseAddedToken);
  for (const { content, id } of addedTokens) {
    const known = tokens.get(content);
    if (known !== undefined && known !== id) {
      fail(`${content} has the id ${id} in added_tokens and ${known} in model.vocab`);
    }
    tokens.set(content, id);
  }
  for (const special of SPECIAL_TOKENS) {
    if (!addedTokens.some(({ content }) => content === special)) {
      fail(`added_tokens has no ${special}, which TorToiSe needs`);
    }
  }
  expectDistinct(tokens);

  return {
    tokens,
    merges: list(model.merges, "model.merges").map((merge, i) => parseMerge(merge, i, tokens)),
    addedTokens,
    fuseUnknown: model.fuse_unk === true,
    cleaners: parseCleaners(model.cleaners),
  };
}

/** Writes what {@link parseTokenizerJSON} reads; Hugging Face's library of any version reads it too. */
export function writeTokenizerJSON(vocabulary: Vocabulary): TokenizerJSON {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: vocabulary.addedTokens.map(({ id, special, content }) => {
      return {
        id,
        special,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      };
    }),
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: UNKNOWN,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: vocabulary.fuseUnknown,
      vocab: Object.fromEntries(vocabulary.tokens),
      merges: vocabulary.merges.map((pair) => pair.join(" ")),
      ...(vocabulary.cleaners === "english" ? {} : { cleaners: vocabulary.cleaners }),
    },
  };
}

function parseAddedToken(json: unknown, i: number): AddedToken {
  const path = `added_tokens[${i}]`;
  const token = record(json, path);
  for (const key of UNUSED_BY_ADDED_TOKENS) expectUnused(token[key], `${path}.${key}`);
  const content = token.content;
  if (typeof content !== "string" || content === "") {
    return fail(`${path}.content is ${show(content)}, wanted a text`);
  }
  return { id: tokenId(token.id, `${path}.id`), content, special: token.special === true };
}

/** Older files write a merge as "t h", newer ones as ["t", "h"]. */
function parseMerge(
  json: unknown,
  rank: number,
  tokens: ReadonlyMap<string, number>,
): readonly [string, string] {
  const path = `model.merges[${rank}]`;
  const parts: readonly unknown[] = typeof json === "string" ? json.split(" ") : list(json, path);
  const [left, right] = parts;
  const areTwo = typeof left === "string" && typeof right === "string" && parts.length === 2;
  if (!areTwo || `${left}${right}`.includes(" ")) {
    return fail(`${path} is ${show(json)}, wanted two tokens, e.g. "t h"`);
  }
  for (const token of [left, right, left + right]) {
    if (!tokens.has(token)) fail(`${path} needs the token ${show(token)}, which model.vocab lacks`);
  }
  return [left, right];
}

function parseCleaners(json: unknown): Cleaners {
  if (json === undefined) return "english";
  const names = Object.keys(cleaners) as Cleaners[];
  const name = names.find((known) => known === json);
  return name ?? fail(`model.cleaners is ${show(json)}, wanted one of ${names.join(", ")}`);
}

function tokenId(json: unknown, path: string): number {
  const isId = typeof json === "number" && Number.isInteger(json) && json >= 0 && json < MAX_TOKENS;
  return isId
    ? json
    : fail(`${path} is ${show(json)}, wanted a whole number from 0 to ${MAX_TOKENS - 1}`);
}

function expectDistinct(tokens: ReadonlyMap<string, number>): void {
  const tokenOf = new Map<number, string>();
  for (const [token, id] of tokens) {
    const other = tokenOf.get(id);
    if (other !== undefined) fail(`${show(other)} and ${show(token)} have the same id ${id}`);
    tokenOf.set(id, token);
  }
}

function expectValue(json: unknown, path: string, wanted: string): void {
  if (json !== wanted) fail(`${path} is ${show(json)}, wanted ${show(wanted)}`);
}

function expectUnused(json: unknown, path: string): void {
  if (json) fail(`${path} is ${show(json)}, wanted none, as TorToiSe has it`);
}

function record(json: unknown, path: string): { readonly [key: string]: unknown } {
  const isRecord = typeof json === "object" && json !== null && !Array.isArray(json);
  return isRecord ? { ...json } : fail(`${path} is ${show(json)}, wanted an object`);
}

function list(json: unknown, path: string): readonly unknown[] {
  return Array.isArray(json) ? json : fail(`${path} is ${show(json)}, wanted a list`);
}

function show(json: unknown): string {
  const text = JSON.stringify(json) ?? "missing";
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

function fail(problem: string): never {
  throw new TextError(
    `Tokenizer.fromJSON: ${problem}. Give the parsed tokenizer.json of a TorToiSe model, or train one with trainTokenizer.`,
  );
}
