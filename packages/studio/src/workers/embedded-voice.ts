import type { GivenFile } from "../clips.js";
import { home } from "./home.js";

/** The files of the voice that ships with the studio, an LJSpeech dataset. */
export async function embeddedVoice(): Promise<GivenFile[]> {
  const fetched = async (path: string): Promise<GivenFile> => {
    const response = await fetch(new URL(`voice/${path}`, home));
    if (!response.ok)
      throw new Error(`voice/${path}: the studio's server answered ${response.status}`);
    return { path, file: await response.blob() };
  };
  const list = await fetched("metadata.csv");
  const ids = (await list.file.text())
    .split("\n")
    .flatMap((line) => line.split("|", 1).filter(Boolean));
  return [list, ...(await Promise.all(ids.map((id) => fetched(`wavs/${id}.opus`))))];
}
