import { Marked, type TokenizerAndRendererExtension } from "marked";

/** Settings of a site's generator, in YAML: not what stands between two lines that part sections. */
const frontMatter = /^---\r?\n[\w-]+:.*\r?\n(?:(?:[\w-]+:.*|[ \t].*|- .*|#.*)?\r?\n)*?---\r?\n/;

/** A note where it stands: up to a blank line, and indented paragraphs behind it. */
const note = /^ {0,3}\[\^[^\]\s]+\]:.*(?:\n(?!\[\^).+)*(?:\n+(?: {4}|\t).+)*(?:\n|$)/;

/** What marks a note in the text. */
const noteMark = /^\[\^[^\]\s]+\]/;

/** Notes are not read aloud: they would come in the midst of a text, or behind it without it. */
const footnotes: TokenizerAndRendererExtension[] = [
  { ...silent("note", note), level: "block" },
  { ...silent("noteMark", noteMark), level: "inline", start: (text) => text.indexOf("[^") },
];

function silent(name: string, rule: RegExp) {
  return {
    name,
    tokenizer(text: string) {
      const raw = rule.exec(text)?.[0];
      return raw === undefined ? undefined : { type: name, raw };
    },
    renderer: () => "",
  };
}

const marked = new Marked({ async: false, extensions: footnotes });

/** The HTML of Markdown, without footnotes and settings at its beginning. */
export function markdownHtml(text: string): string {
  return marked.parse(text.replace(frontMatter, "")) as string;
}
