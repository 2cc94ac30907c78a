/** What lets pages of these origins ("*": of all) use the server from browsers. */
export function allowOrigin(
  request: Request,
  headers: Headers,
  origins: readonly string[] | undefined,
): void {
  if (origins === undefined || origins.length === 0) return;
  headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin === null) return;
  if (!origins.includes("*") && !origins.includes(origin)) return;
  headers.set("access-control-allow-origin", origins.includes("*") ? "*" : origin);
  headers.set("access-control-expose-headers", "x-request-id, retry-after");
}

/** The answer to a browser that asks before it sends a request of a page of another origin. */
export function preflight(request: Request, methods: string): Response {
  const asked = request.headers.get("access-control-request-headers") ?? "";
  const headers = new Headers({
    "access-control-allow-methods": methods,
    "access-control-max-age": "600",
  });
  if (/^[\w\-, ]{1,1000}$/.test(asked)) headers.set("access-control-allow-headers", asked);
  return new Response(null, { status: 204, headers });
}
