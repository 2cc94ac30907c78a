import { strToU8, type Zippable, zipSync } from "fflate";
import { expect, test } from "vitest";
import { DocumentError } from "./document-error.js";
import { readDocument } from "./read-document.js";

const container =
  '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>';
const book = `<?xml version="1.0"?>
<package xmlns:dc="dc"><metadata><dc:title>A &amp; B</dc:title></metadata>
<manifest><item id="one" href="text/one%201.xhtml"/><item id="two" href="../two.xhtml#top"/>
<item id="notes" href="notes.xhtml"/></manifest>
<spine><itemref idref="two"/><itemref idref="one"/><itemref idref="notes" linear="no"/></spine></package>`;
const page = (body: string): string =>
  `<?xml version="1.0"?><html><head><title/><style>p {}</style></head><body>${body}</body></html>`;

function epub(changes: Readonly<Record<string, string>> = {}): Uint8Array {
  const files: Record<string, string> = {
    mimetype: "application/epub+zip",
    "META-INF/container.xml": container,
    "OPS/book.opf": book,
    "two.xhtml": page("<h1>Two</h1><p>It was&#160;late.</p>"),
    "OPS/text/one 1.xhtml": page("<p>One<a epub:type='noteref'>1</a> and <br/>more.</p>"),
    ...changes,
  };
  const zippable: Zippable = {};
  for (const [name, text] of Object.entries(files)) zippable[name] = strToU8(text);
  return zipSync(zippable);
}

test("plain text is one passage, in UTF-8 or UTF-16", () => {
  expect(readDocument(strToU8("Ä.\n\nB."), "a.txt")).toEqual({ passages: ["Ä.\n\nB."] });
  const utf16 = Uint8Array.of(0xff, 0xfe, 0x41, 0, 0x2e, 0);
  expect(readDocument(utf16, "a.txt")).toEqual({ passages: ["A."] });
});

test("of Markdown the words are taken, from heading to heading", () => {
  const text = `---
layout: post
---
# Foxes *run*

They **run** [home](https://example.org). \`x\` marks | it.
Still the same.

- apples
- pears!

\`\`\`js
code();
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

![a fox](fox.png)

## The end?

Yes &amp; no.<script>alert(1)</script>`;
  expect(readDocument(strToU8(text), "a.md").passages).toEqual([
    "Foxes run.",
    "They run home. x marks it. Still the same.\napples.\npears!",
    "The end?",
    "Yes & no.",
  ]);
});

test("footnotes are left out, and lines that part sections take nothing with them", () => {
  const text = `---

It was late[^1], and cold.[^a-b] See [^ this].

---

The end.

[^1]: Past ten.
Or so.

    In winter.
[^a-b]: Very.

After.`;
  expect(readDocument(strToU8(text), "a.md").passages).toEqual([
    "It was late, and cold. See [^ this].\nThe end.\nAfter.",
  ]);
});

test("of an EPUB the chapters are taken in their order", () => {
  expect(readDocument(epub(), "a.epub")).toEqual({
    title: "A & B",
    passages: ["Two.", "It was late.", "One and more."],
  });
});

test("entities of a document's own do not grow", () => {
  const bomb = `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>`;
  const { passages } = readDocument(epub({ "two.xhtml": `${bomb}${page("<p>x &c; y</p>")}` }), "a");
  expect(passages[0]).toBe("x &c; y.");
});

test("paths that lead out of the EPUB find nothing", () => {
  const changes = { "OPS/book.opf": book.replace("../two.xhtml#top", "../../../etc/passwd.xml") };
  expect(() => readDocument(epub(changes), "a.epub")).toThrow(
    new DocumentError('a.epub: lacks "etc/passwd.xml"; give a whole EPUB'),
  );
});

/** Says in its directory that each page has so many bytes. */
function boasting(bytes: Uint8Array, size: number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  for (let i = 0; i + 46 < changed.length; i++)
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, size, true);
  return changed;
}

const protection = '<encryption><CipherReference URI="two.xhtml"/></encryption>';

test.each<[string, Uint8Array, string]>([
  ["another zip", zipSync({ "a.xml": strToU8("<a/>") }), "is a zip file, but no EPUB"],
  ["a torn zip", epub().subarray(0, 300), "is a damaged zip file; get it again"],
  ["a zip bomb", boasting(epub(), 3e8), "has more than 256 MB of pages; give a part of it"],
  ["DRM", epub({ "META-INF/encryption.xml": protection }), "is protected against copying"],
  [
    "DRM of a name with a space",
    epub({
      "META-INF/encryption.xml": protection.replace("two.xhtml", "OPS/text/one%201.xhtml"),
    }),
    "is protected against copying",
  ],
  ["no contents", epub({ "META-INF/container.xml": "<a/>" }), "does not say where its contents"],
  ["binary data", Uint8Array.of(0, 1, 2, 3), "is neither text in UTF-8 nor an EPUB"],
  ["Latin-1", Uint8Array.of(0xe4, 0x20), "is neither text in UTF-8 nor an EPUB"],
  ["no words", strToU8(" ... \n"), "has no text to read; give one with words"],
  ["nothing", new Uint8Array(), "has no text to read; give one with words"],
])("refuses %s", (_, bytes, problem) => {
  expect(() => readDocument(bytes, "x.epub")).toThrow(DocumentError);
  expect(() => readDocument(bytes, "x.epub")).toThrow(`x.epub: ${problem}`);
});

test("a page that is larger than its directory says takes no more room than that", () => {
  const small = boasting(epub({ "two.xhtml": page(`<p>${"word ".repeat(10_000)}</p>`) }), 200);
  expect(() => readDocument(small, "a.epub")).toThrow(DocumentError);
});

test("a page that an EPUB names again and again is read once", () => {
  const many = book.replace("<spine>", `<spine>${'<itemref idref="two"/>'.repeat(10_000)}`);
  expect(readDocument(epub({ "OPS/book.opf": many }), "a.epub").passages).toEqual(
    readDocument(epub(), "a.epub").passages,
  );
});
