import type { GivenFile } from "../clips.js";
import { embeddedClips } from "../embedded-clips.js";
import { home } from "./home.js";

/** The first clips of the voice that ships with the studio, an LJSpeech dataset. */
export async function embeddedVoice(): Promise<GivenFile[]> {
  const fetched = async (path: string): Promise<GivenFile> => {
    const response = await fetch(new URL(`voice/${path}`, home));
    if (!response.ok)
      throw new Error(`voice/${path}: the studio's server answered ${response.status}`);
    return { path, file: await response.blob() };
  };
  const { file } = await fetched("metadata.csv");
  const lines = (await file.text()).split("\n").slice(0, embeddedClips);
  const ids = lines.flatMap((line) => line.split("|", 1).filter(Boolean));
  const list: GivenFile = { path: "metadata.csv", file: new Blob([lines.join("\n")]) };
  return [list, ...(await Promise.all(ids.map((id) => fetched(`wavs/${id}.opus`))))];
}
