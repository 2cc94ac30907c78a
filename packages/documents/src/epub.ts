import { unzipSync } from "fflate";
import { Parser } from "htmlparser2";
import { DocumentError } from "./document-error.js";
import { htmlPassages } from "./html-passages.js";
import type { DocumentText } from "./read-document.js";

/** Of all pages together, unpacked: text alone, and so far more than any book has. */
const mostMegabytes = 256;

const containerPath = "META-INF/container.xml";

/**
 * The chapters of an EPUB in their order.
 *
 * Its pages are unpacked in memory alone, and no more of them than their directory says; its XML is read without entities
 * of its own, so that none can grow.
 */
export function readEpub(bytes: Uint8Array, file: string): DocumentText {
  const bad = (problem: string): DocumentError => new DocumentError(`${file}: ${problem}`);
  const pages = unpack(bytes, bad);
  const textOf = (path: string): string => {
    const page = pages[path];
    if (!page) throw bad(`lacks "${path}"; give a whole EPUB`);
    return new TextDecoder().decode(page);
  };
  if (!pages[containerPath]) throw bad(`is a zip file, but no EPUB: it lacks "${containerPath}"`);
  const rootFile = elements(textOf(containerPath)).find(({ name }) => name === "rootfile");
  const packagePath = rootFile?.attributes["full-path"];
  if (!packagePath) throw bad("does not say where its contents are; give a whole EPUB");

  const contents = elements(textOf(packagePath));
  const folder = packagePath.replace(/[^/]*$/, "");
  const paths = new Map(
    contents
      .filter(({ name }) => name === "item")
      .map(({ attributes: { id = "", href = "" } }) => [id, resolved(folder, href)]),
  );
  const encryption = pages["META-INF/encryption.xml"] ? textOf("META-INF/encryption.xml") : "";
  const locked = new Set(
    elements(encryption)
      .filter(({ name }) => name === "CipherReference")
      .map(({ attributes: { URI = "" } }) => resolved("", URI)),
  );
  const read = contents
    .filter(({ name, attributes }) => name === "itemref" && attributes.linear !== "no")
    .map(({ attributes: { idref = "" } }) => {
      const path = paths.get(idref);
      if (path === undefined)
        throw bad(`has no "${idref}", which is to be read; give a whole EPUB`);
      return path;
    });
  // Each page once, as EPUB has it: a small file could name a long page a million times.
  const passages = [...new Set(read)].flatMap((path) => {
    if (locked.has(path)) throw bad("is protected against copying; give an EPUB without DRM");
    return /\.(x?html?|xml)$/i.test(path) ? htmlPassages(textOf(path)) : [];
  });
  const title = contents.find(({ name }) => name === "title")?.text.trim();
  return { ...(title ? { title } : {}), passages };
}

type Pages = Readonly<Record<string, Uint8Array>>;

function unpack(bytes: Uint8Array, bad: (problem: string) => DocumentError): Pages {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!/\.(x?html?|xml|opf)$/i.test(name)) return false;
        total += originalSize;
        if (total > mostMegabytes * 1e6)
          throw bad(`has more than ${mostMegabytes} MB of pages; give a part of it`);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof DocumentError) throw cause;
    throw new DocumentError(bad("is a damaged zip file; get it again").message, { cause });
  }
}

interface XmlElement {
  /** Without a namespace. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Up to the next tag. */
  text: string;
}

function elements(xml: string): XmlElement[] {
  const found: XmlElement[] = [];
  const parser = new Parser(
    {
      onopentag: (name, attributes) =>
        void found.push({ name: name.replace(/^.*:/, ""), attributes, text: "" }),
      ontext(text) {
        const last = found.at(-1);
        if (last) last.text += text;
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  return found;
}

/** A path inside the zip: `OPS/` and `../text/a%20b.xhtml#top` are `text/a b.xhtml`. */
function resolved(folder: string, href: string): string {
  const steps: string[] = [];
  const [path = ""] = href.split("#");
  for (const step of `${folder}${decoded(path)}`.split("/"))
    if (step === "..") steps.pop();
    else if (step !== "." && step !== "") steps.push(step);
  return steps.join("/");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
