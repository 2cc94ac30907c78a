import { PlaceError } from "./download-error.js";
import type { Network } from "./options.js";
import { addressOf, isGitId, isSha256, type Place, type RemoteFile } from "./remote-file.js";
import { request } from "./request.js";

/** What a server says of a file before it sends it. */
export interface Offer {
  readonly url: string;
  /** Of the repository, where the place's revision is now. */
  readonly commit: string | undefined;
  /** The content's id: its sha256, or its git object id; without one a download cannot be resumed. */
  readonly id: string | undefined;
  readonly bytes: number | undefined;
}

/**
 * Asks a server for a file's headers, and compares them with what the file must be.
 *
 * @see huggingface_hub's `get_hf_file_metadata`: the Hub answers with a redirect that has the file's
 * own length and ETag as `X-Linked-Size` and `X-Linked-ETag`; the ETag of a large file is its sha256,
 * that of a small one its git object id.
 * @throws {PlaceError} No such file, no answer, or another file than the wanted one.
 */
export async function ask(
  file: RemoteFile,
  place: Place,
  endpoint: string,
  network: Network,
): Promise<Offer> {
  const url = addressOf(place, endpoint);
  const headers = await headersOf(url, network);
  const commit = headers.get("X-Repo-Commit") ?? place.revision ?? "";
  const etag = headers.get("X-Linked-ETag") ?? headers.get("ETag") ?? "";
  const id = isHub(headers) ? etag.replace(/^(?:W\/)?"(.*)"$/, "$1") : "";
  if (file.sha256 !== undefined && isSha256(id) && id !== file.sha256)
    throw new PlaceError(
      "content",
      url,
      `it has another file of that name: sha256 ${id}, not ${file.sha256}`,
    );
  const ownSize = headers.has("Content-Encoding") ? null : headers.get("Content-Length");
  const size = headers.get("X-Linked-Size") ?? ownSize ?? "";
  const bytes = /^\d+$/.test(size) ? Number(size) : undefined;
  if (bytes !== undefined && file.bytes !== undefined && bytes !== file.bytes)
    throw new PlaceError("length", url, `it has ${bytes} bytes, not ${file.bytes}`);
  return {
    url,
    commit: isGitId(commit) ? commit : undefined,
    id: file.sha256 ?? (isSha256(id) || isGitId(id) ? id : undefined),
    bytes: file.bytes ?? bytes,
  };
}

/** Whether ETags mean what they mean on the Hub: other servers make them of anything. */
function isHub(headers: Headers): boolean {
  return headers.has("X-Repo-Commit") || headers.has("X-Linked-ETag");
}

async function headersOf(url: string, network: Network): Promise<Headers> {
  const isEnough = ({ headers }: Response): boolean =>
    headers.has("X-Linked-ETag") && headers.has("X-Linked-Size");
  try {
    const answer = await request("HEAD", url, network, { isEnough });
    answer.close();
    return answer.response.headers;
  } catch (error) {
    // Some plain file servers know GET only; they say no more than that there may be a file.
    if (error instanceof PlaceError && /: (405|501)$/.test(error.reason)) return new Headers();
    throw error;
  }
}
