import { TrainingError } from "./training-error.js";

/**
 * The object in a file's metadata that is of a version this program reads; empty if it is damaged.
 *
 * @param options.file, options.what What error messages call the file, and what it holds.
 * @throws {TrainingError} It is of a newer version.
 */
export function parseVersioned(
  json: string,
  {
    file,
    what,
    version: read,
  }: { readonly file: string; readonly what: string; readonly version: number },
): Readonly<Record<string, unknown>> {
  const { version, ...rest } = parseObject(json);
  if (Number(version) > read)
    throw new TrainingError(
      `${file}: its ${what} has version ${version}, this program reads ${read}; update Hawksbill`,
    );
  return version === read ? rest : {};
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
