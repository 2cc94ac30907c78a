/**
 * Writes the help of all commands to the end of the README:
 * `npx tsx --conditions=@hawksbill/source packages/cli/test/readme-help.ts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runCli } from "./run-cli.js";

const heading = "## All commands\n";

/** The README's end as it should be. */
export async function helpSection(): Promise<string> {
  let text = heading;
  const names = [
    "doctor",
    "finetune",
    "sweep",
    "say",
    "read",
    "serve",
    "voices",
    "classify",
    "encode",
    "decode",
    "inspect",
    "merge",
    "export",
    "download",
    "devices",
    "studio",
    "demo",
  ];
  for (const command of [[], ...names.map((name) => [name])]) {
    const { out } = await runCli([...command, "--help"]);
    text += `\n\`\`\`text\n$ ${["hawksbill", ...command, "--help"].join(" ")}\n${out.trimEnd()}\n\`\`\`\n`;
  }
  return text;
}

const readme = new URL("../README.md", import.meta.url);
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [before = ""] = (await readFile(readme, "utf8")).split(heading);
  await writeFile(readme, before + (await helpSection()));
}
