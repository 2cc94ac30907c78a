import { DownloadError, PlaceError } from "./download-error.js";
import { failure } from "./failure.js";
import { type Network, type NetworkOptions, networkOf } from "./options.js";
import { patiently } from "./patiently.js";
import { fileAt, isSha256, type RemoteFile } from "./remote-file.js";
import { checkPlace, type RepoName } from "./repo-name.js";
import { request } from "./request.js";

/** No repository of a speech model has more; a longer list is a mistake or a trap. */
const mostFiles = 10_000;

/** The Hub's pages have up to 1,000 files. */
const mostPages = 100;
const longestPageBytes = 16e6;

/**
 * All files of a repository, with their lengths, and the sha256 of those that are large.
 *
 * @throws {DownloadError} No endpoint gives the list, or it is longer than 10,000 files.
 */
export async function listRepo(
  { repo, revision }: RepoName,
  options: NetworkOptions = {},
): Promise<RemoteFile[]> {
  const at = { repo, ...(revision === undefined ? {} : { revision }) };
  checkPlace({ ...at, path: "file" });
  const network = networkOf(options);
  const failures: PlaceError[] = [];
  for (const endpoint of network.endpoints) {
    const url = endpoint.replace(/\/+$/, "");
    try {
      return await patiently(network, () => listAt(url, at, network));
    } catch (error) {
      network.signal?.throwIfAborted();
      if (error instanceof DownloadError) throw error;
      failures.push(
        error instanceof PlaceError
          ? error
          : new PlaceError("server", url, "its answer is no list of files", { cause: error }),
      );
    }
  }
  throw failure({ ...fileAt({ ...at, path: "" }), name: `the files of ${repo}` }, failures);
}

async function listAt(
  endpoint: string,
  at: Omit<RepoName, "path">,
  network: Network,
): Promise<RemoteFile[]> {
  const { listFiles } = await import("@huggingface/hub"); // Large, and not needed by downloads.
  const entries = listFiles({
    repo: { type: "model", name: at.repo },
    ...(at.revision === undefined ? {} : { revision: encodeURIComponent(at.revision) }),
    recursive: true,
    hubUrl: endpoint,
    fetch: pageFetch(endpoint, network),
  });
  const files: RemoteFile[] = [];
  for await (const { type, path, size, lfs } of entries) {
    if (type !== "file") continue;
    const place = { ...at, path };
    checkPlace(place);
    const sha256 = lfs && isSha256(lfs.oid) ? { sha256: lfs.oid } : {};
    files.push({ ...fileAt(place), bytes: size, ...sha256 });
    if (files.length > mostFiles)
      throw new PlaceError("length", endpoint, `${at.repo} has more than ${mostFiles} files`);
  }
  return files;
}

/** A fetch with the limits of our own requests, as @huggingface/hub has none. */
function pageFetch(endpoint: string, network: Network): typeof fetch {
  let pages = 0;
  return async (input) => {
    const url = String(input);
    // The address of the next page comes from the server, and the token goes with it.
    if (new URL(url).origin !== new URL(endpoint).origin)
      throw new PlaceError("redirects", endpoint, "its list goes on at another server");
    if (++pages > mostPages)
      throw new PlaceError("length", endpoint, `its list has more than ${mostPages} pages`);
    const answer = await request("GET", url, network);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of answer.body()) {
      parts.push(part);
      bytes += part.length;
      if (bytes > longestPageBytes)
        throw new PlaceError(
          "length",
          url,
          `a page of its list has over ${longestPageBytes} bytes`,
        );
    }
    return new Response(new Blob(parts as Uint8Array<ArrayBuffer>[]), {
      headers: answer.response.headers,
    });
  };
}
