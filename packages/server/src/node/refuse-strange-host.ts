import { ApiError } from "../api-error.js";

/**
 * The answer to who calls the server by a name that is not its own, or undefined.
 *
 * A page of the web can have its own name lead to this machine (DNS rebinding). Its requests then look like those of
 * local programs, but for the name.
 */
export function refuseStrangeHost(
  request: Request,
  allowed: readonly string[] | "all",
): Response | undefined {
  if (allowed === "all") return undefined;
  const name = URL.canParse(request.url) ? new URL(request.url).hostname : "";
  if (allowed.includes(name)) return undefined;
  return new ApiError(
    421,
    `This server does not answer to ${JSON.stringify(name.slice(0, 100))}; call it ${allowed[0]}, or start it so that it allows this name.`,
    { code: "misdirected_request" },
  ).toResponse();
}
