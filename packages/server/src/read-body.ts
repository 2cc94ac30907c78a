import { ApiError } from "./api-error.js";

/**
 * A request's JSON body.
 *
 * @throws {ApiError} It is no JSON (400), says that it is something else (415), or is too large (413).
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  // Browsers send other types to any server, whatever page asks them to; this one only with the server's consent.
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(
      415,
      `The content type is ${JSON.stringify(type.slice(0, 100))}; send application/json.`,
    );
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "JSON" : "UTF-8";
    throw new ApiError(400, `The body is not ${reason}; send a JSON object.`);
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new ApiError(413, `The body is larger than ${maxBytes} bytes; send less.`);
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge;
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  // It is not cancelled where it is too large: in Node that would close the connection before the answer.
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    if (length + part.value.length > maxBytes) throw tooLarge;
    bytes.set(part.value, length);
    length += part.value.length;
  }
  return bytes.subarray(0, length);
}
