/** Keeps the promise that nothing leaves: the browser itself refuses every address but the page's own. */
const policy = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "worker-src": "'self'",
  "connect-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self'",
  "media-src": "blob:",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
} as const;

function written(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");
}

/** What a server says with every file of the studio. The two after the policy give WebAssembly its threads. */
export const studioHeaders = {
  "Content-Security-Policy": written(policy),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

const { "frame-ancestors": _, ...ofPage } = policy; // Only a header may say it.

/** The policy as the page itself says it, which holds where a server sends no headers. */
export const pagePolicy: string = written(ofPage);

/** The policy in development, whose own scripts and styles are inline. */
export const developmentPolicy: string = written({
  ...policy,
  "script-src": `${policy["script-src"]} 'unsafe-inline'`,
  "style-src": `${policy["style-src"]} 'unsafe-inline'`,
});
