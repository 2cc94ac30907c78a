import { existsSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { studioFolder, studioHeaders } from "../index.js";
import { type ServedStudio, serveStudio } from "./serve-studio.js";

describe.skipIf(!existsSync(new URL("index.html", studioFolder)))(
  "serveStudio (needs npm run build)",
  () => {
    let studio: ServedStudio;
    beforeAll(async () => {
      studio = await serveStudio();
    });
    afterAll(() => studio?.close());

    /** The answer's status; the path goes as it is, where fetch would tidy it. */
    function statusOf(path: string, method = "GET"): Promise<number | undefined> {
      const { hostname, port } = new URL(studio.url);
      return new Promise((resolve, reject) => {
        request({ hostname, port, path, method }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
    }

    test("gives the page with the headers", async () => {
      const response = await fetch(studio.url);
      expect(await response.text()).toContain("<title>Hawksbill Studio</title>");
      expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
      for (const [name, value] of Object.entries(studioHeaders))
        expect(response.headers.get(name)).toBe(value);
    });

    test("gives WebAssembly as such", async () => {
      const response = await fetch(`${studio.url}ort/ort-wasm-simd-threaded.wasm`, {
        method: "HEAD",
      });
      expect(response.headers.get("Content-Type")).toBe("application/wasm");
    });

    test.each(["/../index.js", "/%2e%2e/index.js", "/..%2findex.js", "/%", "/nothing", "/assets"])(
      "gives nothing for %s",
      async (path) => {
        expect(await statusOf(path)).toBe(404);
      },
    );

    test("takes nothing", async () => {
      expect(await statusOf("/", "POST")).toBe(405);
    });
  },
);
