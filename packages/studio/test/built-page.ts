import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const studio = new URL("../", import.meta.url);
const packages = new URL("../../", import.meta.url);

/** Builds the page unless it is newer than all that it is made of. */
export async function buildPage(): Promise<void> {
  const page = statSync(new URL("dist/page/index.html", studio), { throwIfNoEntry: false });
  const sources = readdirSync(packages).map((name) => new URL(`${name}/src/`, packages));
  const made = [...sources, new URL("vite/", studio), new URL("public/", studio)];
  const changed = Math.max(
    ...made.map(newest),
    ...["index.html", "vite.config.ts", "package.json"].map((name) =>
      timeOf(new URL(name, studio)),
    ),
  );
  if (page && page.mtimeMs > changed) return;
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production"; // Vitest's "test" would make it a page for development.
  await build({
    configFile: fileURLToPath(new URL("vite.config.ts", studio)),
    logLevel: "error",
  });
  process.env.NODE_ENV = NODE_ENV;
}

/** When the file of a folder that changed last did so; tests do not count. */
function newest(folder: URL): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(
    0,
    ...names
      .filter((name) => !name.endsWith(".test.ts"))
      .map((name) => timeOf(new URL(name, folder))),
  );
}

function timeOf(file: URL): number {
  return statSync(file).mtimeMs;
}
