import { DocumentError } from "./document-error.js";
import { readEpub } from "./epub.js";
import { htmlPassages } from "./html-passages.js";
import { markdownHtml } from "./markdown-html.js";

/** What there is to read aloud in a document. */
export interface DocumentText {
  /** As the document has it, if it does. */
  readonly title?: string;
  /** Stretches of text, each read at one go; a heading is one of its own. */
  readonly passages: readonly string[];
}

/** A long book has two; nobody listens for weeks. */
const mostMegabytes = 256;

/**
 * The text of a document: an EPUB, Markdown, or plain text, which is one passage.
 *
 * Nothing but text is taken: no code, pictures, tables of contents or notes' marks. Nothing is loaded from elsewhere.
 *
 * @param name The file's name: `.md` and `.markdown` are Markdown. An EPUB is known by its contents.
 * @throws {DocumentError} It is of another kind, damaged, protected, too large, or has no text.
 */
export function readDocument(bytes: Uint8Array, name: string): DocumentText {
  if (bytes.length > mostMegabytes * 1e6)
    throw new DocumentError(
      `${name}: has ${Math.round(bytes.length / 1e6)} MB, more than ${mostMegabytes}; give a part of it`,
    );
  const document = isZip(bytes) ? readEpub(bytes, name) : readText(bytes, name);
  if (!document.passages.some((passage) => /[\p{L}\p{N}]/u.test(passage)))
    throw new DocumentError(`${name}: has no text to read; give one with words`);
  return document;
}

function isZip([p, k, three, four]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

function readText(bytes: Uint8Array, name: string): DocumentText {
  const text = decodedText(bytes, name);
  if (!/\.(md|markdown)$/i.test(name)) return { passages: [text] };
  return { passages: htmlPassages(markdownHtml(text)) };
}

function decodedText(bytes: Uint8Array, name: string): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Told below.
  }
  throw new DocumentError(
    `${name}: is neither text in UTF-8 nor an EPUB; save it as UTF-8, or give a .txt, .md or .epub`,
  );
}
