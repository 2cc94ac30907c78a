/** In TorToiSe's order. */
const ABBREVIATIONS = [
  ["mrs", "misess"],
  ["mr", "mister"],
  ["dr", "doctor"],
  ["st", "saint"],
  ["co", "company"],
  ["jr", "junior"],
  ["maj", "major"],
  ["gen", "general"],
  ["drs", "doctors"],
  ["rev", "reverend"],
  ["lt", "lieutenant"],
  ["hon", "honorable"],
  ["sgt", "sergeant"],
  ["capt", "captain"],
  ["esq", "esquire"],
  ["ltd", "limited"],
  ["col", "colonel"],
  ["ft", "fort"],
] as const;

const RULES = ABBREVIATIONS.map(([short, long]) => ({
  find: new RegExp(`\\b${short}\\.`, "g"),
  long,
}));

/**
 * Writes the abbreviations of a lower-case text in full, with the readings TorToiSe was trained on:
 * "dr. who" becomes "doctor who". The full stop belongs to the abbreviation and goes with it.
 */
export function expandAbbreviations(text: string): string {
  // One rule after the other, as the original: it decides "dr.st.", which becomes "doctorst.".
  return RULES.reduce((result, { find, long }) => result.replace(find, long), text);
}
