import { Parser } from "htmlparser2";

/** What is not read aloud. */
const silent = new Set(
  "head script style template svg math nav pre table audio video object iframe rt".split(" "),
);

const headings = new Set("h1 h2 h3 h4 h5 h6".split(" "));

/** What ends a paragraph, before and behind. */
const blocks = new Set(
  "address article aside blockquote body dd div dl dt figcaption figure footer header hr li main ol p section ul".split(
    " ",
  ),
);

/** The text of a page of HTML or XHTML, from one heading to the next; headings are passages themselves. */
export function htmlPassages(html: string): string[] {
  const passages: string[] = [];
  let paragraphs: string[] = [];
  let paragraph = "";
  let silence = 0;
  const endParagraph = (): void => {
    const text = paragraph.replace(/[\s|]+/g, " ").trim(); // A "|" would cut the passage.
    if (text) paragraphs.push(ended(text));
    paragraph = "";
  };
  const endPassage = (): void => {
    endParagraph();
    if (paragraphs.length > 0) passages.push(paragraphs.join("\n"));
    paragraphs = [];
  };
  const atEdge = (name: string): void => {
    if (headings.has(name)) endPassage();
    else if (blocks.has(name)) endParagraph();
    else if (name === "br") paragraph += " ";
  };
  const isSilent = (name: string, { role = "", "epub:type": type = "" }): boolean =>
    silent.has(name) || /\bnoteref\b/.test(`${type} ${role}`);

  const open: { readonly name: string; readonly silent: boolean }[] = [];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const element = { name, silent: isSilent(name, attributes) };
        open.push(element);
        silence += Number(element.silent);
        atEdge(name);
      },
      onclosetag(name) {
        silence -= Number(open.pop()?.silent ?? false);
        atEdge(name);
      },
      ontext(text) {
        if (silence === 0) paragraph += text;
      },
    },
    { recognizeSelfClosing: true },
  );
  parser.end(withoutEntities(html));
  endPassage();
  return passages;
}

/** Without the part of a DOCTYPE that defines entities: the parser would take its end for text. */
function withoutEntities(html: string): string {
  const start = html.search(/<!doctype[^<>[]*\[/i);
  const end = html.indexOf("]>", start);
  return start < 0 || end < 0 ? html : html.slice(0, start) + html.slice(end + 2);
}

/** With a full stop where there is no mark at the end: an item of a list, a heading. */
function ended(text: string): string {
  return /[\p{L}\p{N}]$/u.test(text) ? `${text}.` : text;
}
