import {
  type FileSet,
  fileAt,
  fileSets,
  listRepo,
  type NetworkOptions,
  parseRepoName,
  type RemoteFile,
} from "@hawksbill/hub";
import { CliError } from "../cli-error.js";

/** A file that was asked for, and as part of what. */
export interface Wanted {
  /** A set or a repository. */
  readonly group: string;
  /** What that is. */
  readonly holds?: string;
  readonly file: RemoteFile;
}

/**
 * The files that names on the command line mean; without names those of all sets.
 *
 * @throws {CliError} A set has no such file. {DownloadError} There is no such repository.
 */
export async function wantedFiles(
  names: readonly string[],
  options: NetworkOptions & { readonly offline?: boolean },
): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const name of names.length > 0 ? names : Object.keys(fileSets))
    wanted.push(...(setFiles(name) ?? (await repoFiles(name, options))));
  const isFirst = ({ file }: Wanted, i: number): boolean =>
    wanted.findIndex((other) => other.file === file) === i;
  return wanted.filter(isFirst);
}

/** `tortoise`, `tortoise/vocoder.pth`. */
function setFiles(name: string): Wanted[] | undefined {
  const [set = "", ...path] = name.split("/");
  const found = Object.entries<FileSet>(fileSets).find(([other]) => other === set)?.[1];
  if (found === undefined) {
    if (path.length > 0) return undefined;
    const sets = Object.keys(fileSets).join(", ");
    throw new CliError(`${name}: is no set; the sets are ${sets}, and repositories are owner/name`);
  }
  const { holds, files } = found;
  const chosen = path.length > 0 ? files.filter((file) => file.name === path.join("/")) : files;
  if (chosen.length > 0) return chosen.map((file) => ({ group: set, holds, file }));
  const others = files.map((file) => file.name).join(", ");
  throw new CliError(`${name}: the set has no such file; it has ${others}`);
}

/** `owner/name`, `owner/name@revision/file`. */
async function repoFiles(
  name: string,
  options: NetworkOptions & { readonly offline?: boolean },
): Promise<Wanted[]> {
  const { path, ...repo } = parseRepoName(name);
  const group = repo.repo;
  if (path !== undefined) return [{ group, file: fileAt({ ...repo, path }) }];
  if (options.offline)
    throw new CliError(
      `${name}: which files it has is not known without a network; name them, e.g. ${name}/config.json`,
    );
  return (await listRepo(repo, options)).map((file) => ({ group, file }));
}
