/**
 * Whether JSON has objects or lists in other places than it should: parsed, a few bytes of them take much memory.
 *
 * @param levels What may open at each depth: "{{[" for lists in objects in an object.
 */
export function isDeeper(json: string, levels: string): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const letter = json[i];
    if (letter === "{" || letter === "[") {
      if (letter !== levels[depth]) return true;
      depth++;
    } else if (letter === "}" || letter === "]") depth--;
    else if (letter === '"') i = endOfText(json, i);
  }
  return false;
}

/** Where the text that begins at `start` has its closing quotation mark. */
function endOfText(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i;
}
