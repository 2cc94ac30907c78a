import type { Plugin } from "vite";

/** Writes a Content-Security-Policy into the built page. */
export function policyInPage(content: string): Plugin {
  return {
    name: "policy-in-page",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content },
        injectTo: "head-prepend",
      },
    ],
  };
}
