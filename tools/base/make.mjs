// @ts-check
/**
 * Makes a small base like the one in packages/base-small/model, from nothing:
 *
 *     node tools/base/make.mjs OUT
 *
 * Speaks the corpora (OUT/corpus, OUT/more, OUT/words, OUT/parallel), trains the dVAE, then the tokenizer and UnifiedVoice,
 * this in two parts with learning rates of their own, and exports them. A part that is done already is left alone; one that
 * was interrupted is done again in full, from the weights that it saved. It needs flite, espeak-ng, sox, wamerican-small
 * and, of Debian's non-free section, libttspico-utils.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [out] = process.argv.slice(2);
if (!out) throw new Error("make: give the output folder, e.g. node tools/base/make.mjs OUT");
mkdirSync(out, { recursive: true });

const corpus = join(out, "corpus");
const more = join(out, "more");
const words = join(out, "words");
const parallel = join(out, "parallel");
const list = "/usr/share/dict/american-english-small";
const typescript = ["npx", "tsx", "--conditions=@hawksbill/source"];
const unifiedVoice = [...typescript, "tools/base/train-unified-voice.ts", corpus, out];
const parts = {
  corpus: ["node", "tools/base/corpus.mjs", corpus],
  more: ["node", "tools/base/corpus.mjs", more, "--more", "--clips", "10000"],
  words: ["node", "tools/base/corpus.mjs", words, "--words", list, "--clips", "6000"],
  parallel: [
    ...["node", "tools/base/corpus.mjs", parallel, "--parallel", "--words", list],
    ...["--clips", "21000"],
  ],
  dvae: [...typescript, "tools/base/train-dvae.ts", parallel, out, "8000", corpus, more],
  "unified-voice": [...unifiedVoice, "4000", more],
  "unified-voice-words": [...unifiedVoice, "3000", more, words, parallel],
};
for (const [name, command] of Object.entries(parts)) {
  const done = join(out, `${name}.done`);
  if (existsSync(done)) console.log(`${name} is done; take ${done} away to make it again`);
  else {
    run(command);
    writeFileSync(done, "");
  }
}
run([...typescript, "tools/base/export.ts", out]);

/** @param {string[]} command */
function run([program = "", ...args]) {
  console.log(`\n> ${program} ${args.join(" ")}`);
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
