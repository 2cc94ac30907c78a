import { configDefaults, defineConfig } from "vitest/config";
import { doctest } from "./tools/doctest.js";

const conditions = ["@hawksbill/source"];

/** Packages resolve to their sources, so tests need no build: `npx vitest` at the root runs them all. */
export default defineConfig({
  plugins: [doctest()],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      ...configDefaults.include,
      "**/README.md",
      "docs/{autodiff-from-nothing,custom-training,files,how-it-works}.md",
    ],
    exclude: [...configDefaults.exclude, "docs/README.md", "examples/README.md"], // They have no examples of code.
    testTimeout: 30_000, // Busy machines are slow, not wrong.
  },
});
