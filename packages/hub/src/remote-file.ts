/** A file in a repository on the Hugging Face Hub, or on a server that answers as the Hub does. */
export interface Place {
  /** `owner/name`. */
  readonly repo: string;
  /** Inside the repository, e.g. `.models/autoregressive.pth`. */
  readonly path: string;
  /** A branch, tag or commit; default `main`. */
  readonly revision?: string;
}

/** A file by what is in it, and the places that have it. */
export interface RemoteFile {
  /** For messages, and to choose it by, e.g. `autoregressive.pth`. */
  readonly name: string;
  /** Tried in this order. */
  readonly places: readonly Place[];
  /** Of the content, 64 hexadecimal digits; a file with another one is refused. */
  readonly sha256?: string;
  /** The exact length in bytes; a file with another one is refused. */
  readonly bytes?: number;
  /** For lists, where the exact length is not known. */
  readonly approximateBytes?: number;
  /** For lists: what it is good for, in a few words. */
  readonly holds?: string;
}

/** A file of the cache. */
export interface LocalFile {
  /** Where to open it, under its own name. */
  readonly path: string;
  readonly bytes: number;
}

/** What branch or commit a place means where it names none. */
export const defaultRevision = "main";

/** A file of which nothing is known but its place. */
export function fileAt(place: Place): RemoteFile {
  return { name: place.path, places: [place] };
}

/** The address of a file's content. */
export function addressOf({ repo, path, revision }: Place, endpoint: string): string {
  const parts = path.split("/").map(encodeURIComponent).join("/");
  const at = encodeURIComponent(revision ?? defaultRevision);
  return `${endpoint.replace(/\/+$/, "")}/${repo}/resolve/${at}/${parts}`;
}

/** 40 hexadecimal digits: a commit, or a git object's id. */
export function isGitId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
