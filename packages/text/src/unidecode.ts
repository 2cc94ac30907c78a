import { transliterate } from "transliteration";

/** Options are stated in full: the library keeps defaults that other code of the page may change. */
const OPTIONS = {
  ignore: [],
  replace: [],
  replaceAfter: [],
  trim: false,
  unknown: "",
  fixChineseSpacing: false,
};

/** Superscripts, circled numbers, mathematical letters: read as the plain characters they stand for. */
const STYLED = /[\u2070-\u2093\u2095-\u209c\u2460-\u24ea\u{1d400}-\u{1d6a5}\u{1d7ce}-\u{1d7ff}]/u;

const HAN = /[\u4e00-\u9fff\uf900-\ufaff]/;

/**
 * Where the library's table differs from Unidecode's, in the blocks that English texts use.
 * One entry is a character and its reading; `_` is a space.
 */
const CORRECTIONS: ReadonlyMap<string, string> = new Map(
  [
    // Latin, phonetic letters, fractions
    "¼_1/4 ½_1/2 ¾_3/4 ÝY ǲDz Ɂ ɂ Ʌ^ Ɋq ɹr ɺr ɻr ɼr ɿr ʉu ʍw ʎy ʰh ẞSS",
    "⅐_1/7_ ⅑_1/9_ ⅒_1/10_ ↉_0/3_",
    // Greek
    "ΉE ΒB ΗE ΞKs ΥU ΦPh ΧKh ΫU ήe ΰu βb ηe υu φph χkh ϋu ύu",
    // Cyrillic, Armenian, Arabic
    "ЀIe ЁIo ЙI ХKh ЦTs Ъ' Ь' ЮIu ЯIa йi хkh цts ъ' ь' юiu яia ѐie ёio",
    "\u0589: \u0639`",
    // Punctuation
    "\u205f_ ⁇?? ⁊& ⁎* ⁒% ⁓~ ⁗'''' ⁻- ₋-",
    // Currencies
    "€EUR ₰Pf ₱P ₲G ₳A ₴UAH ₵C| ₶L ₷Sm ₸T ₹Rs ₺L ₻M ₼m ₽R ₾l ₿BTC",
    // Letter-like signs
    "℀_a/c_ ℁_a/s_ ℃degC ℅_c/o_ ℆_c/u_ ℉degF ℔ №No._ ℘ ℟R/ ℡TEL ℣V/ ℧ ℰE ℲF",
    "\u2126ohm \u212aK \u212bA ℺ ℻FAX ℼ ℿ ⅁ ⅂ ⅃ ⅄ ⅌ ⅍A/S ⅎF",
    // Mathematics
    "−- ∕/ ∖\\ ∗* ∣| ∶: ∼~ ≤<= ≥>= ≦<= ≧>=",
    // Japanese and Chinese
    "、,_ しshi ちchi っtsu つtsu ゠= シshi チchi ッtsu ツtsu ・* ー-",
    "万Mo_ 么Yao_ 叶Xie_ 宁Zhu_ 广Yan_ 术Zhu_ 汉Yi_ 沈Chen_ 癌Yan_ 种Chong_ 触Hong_ 重Zhong_",
  ]
    .flatMap((line) => line.split(" "))
    .map(([character = "", ...reading]) => [character, reading.join("").replaceAll("_", " ")]),
);

/**
 * Writes text in ASCII: "naïve café" becomes "naive cafe"; what has no reading is left out.
 *
 * @see Python's Unidecode 1.4.0, which it equals in the blocks that the test lists.
 */
export function unidecode(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => CORRECTIONS.get(character) ?? read(character));
}

function read(character: string): string {
  const plain = STYLED.test(character) ? character.normalize("NFKC") : character;
  const reading = transliterate(plain, OPTIONS);
  // Unidecode sets Chinese characters apart by a space after each.
  return HAN.test(character) && reading !== "" ? `${reading.trimEnd()} ` : reading;
}
