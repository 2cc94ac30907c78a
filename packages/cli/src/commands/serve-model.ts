import { basename, resolve } from "node:path";
import type { Random } from "@hawksbill/core";
import { refusing, type SpeechModel } from "@hawksbill/server";
import {
  type Speaker,
  type SpeakStreamOptions,
  type SplitOptions,
  speakStream,
  type VoiceLatents,
} from "@hawksbill/tortoise";
import { listVoices } from "@hawksbill/tortoise/node";
import { CliError } from "../cli-error.js";
import { shellWord } from "../format.js";
import type { Reporter } from "../reporter.js";
import { isClips, named, openPath, readVoice, voiceRandom } from "../voice.js";
import { requestOf, type SpeechFlags } from "./say-options.js";

interface ModelFlags extends SpeechFlags {
  readonly name?: string;
  readonly voices?: string;
}

type Voices = ReadonlyMap<string, VoiceLatents>;

/**
 * The voice of --voice, called "default", and those of --voices, each heard once.
 *
 * @throws {CliError} There is none, or two have one name.
 */
export async function openVoices(
  flags: ModelFlags,
  speaker: Speaker,
  reporter: Reporter,
): Promise<Voices> {
  const voices = new Map<string, VoiceLatents>();
  const request = requestOf(flags, speaker);
  const random = (): Random => voiceRandom(request);
  if (flags.voice !== undefined || flags.voices === undefined) {
    const { heard } = await readVoice(flags.voice, flags.model, { speaker, reporter, request });
    const options = { ...heard.conditioning, random: random() };
    voices.set("default", await speaker.voice(heard.voice, options));
  }
  for (const { name, path } of flags.voices === undefined ? [] : await listVoices(flags.voices)) {
    if (voices.has(name))
      throw new CliError(
        `--voices ${shellWord(flags.voices ?? "")}: two voices are called "${name}", that of --voice and one in it; rename that one`,
      );
    const voice = await openPath(path, reporter);
    const options = { ...(isClips(voice) ? request.conditioning : {}), random: random() };
    voices.set(name, await named(path, speaker.voice(voice, options)));
  }
  if (voices.size > 0) return voices;
  throw new CliError(
    `--voices ${shellWord(flags.voices ?? "")}: there are no voices in it; give a folder that has a folder of clips, or a file of latents, for each voice`,
  );
}

/** What is asked of the speaker, whatever the text and the voice. */
type UsualRequest = Omit<SpeakStreamOptions, "text" | "voice" | "conditioning">;

export function usualRequest(flags: ModelFlags, speaker: Speaker): UsualRequest {
  const split = speaker.kind === "dvae" ? { split: shortPieces } : {};
  const { conditioning: _, ...request } = requestOf(flags, speaker); // The voices have it.
  return { ...request, ...split, speaker };
}

/**
 * Begins to speak, up to the first code: what no request could be spoken with is refused now, not to each client.
 *
 * @throws See `Speaker.speak`.
 */
export async function tryToSpeak(usual: UsualRequest, voices: Voices): Promise<void> {
  const [voice] = voices.values();
  const enough = new AbortController();
  const speech = speakStream({
    ...usual,
    text: "a",
    voice: voice as VoiceLatents,
    unknown: "replace",
    signal: enough.signal,
    onProgress({ stage, done }) {
      if (stage === "codes" && done > 0) enough.abort();
    },
  });
  try {
    await speech.next();
    await speech.return(undefined);
  } catch (error) {
    const isOfText = error instanceof Error && error.name === "TextError"; // Clients have texts of their own.
    if (!enough.signal.aborted && !isOfText) throw error;
  }
}

/** A speaker as the server asks it. */
export function speechModel(flags: ModelFlags, usual: UsualRequest, voices: Voices): SpeechModel {
  return {
    id:
      flags.name ??
      (flags.model === undefined ? "hawksbill-small" : basename(resolve(flags.model))),
    voices: [...voices.keys()],
    speak: ({ text, voice, seed = usual.seed ?? 0 }, signal) =>
      refusing(
        speakStream({
          ...usual,
          text: text.replaceAll("|", " "), // Clients mean no cut, which would be the only one.
          voice: voices.get(voice) as VoiceLatents,
          seed,
          signal,
        }),
        refusals,
      ),
  };
}

/** What the small model says well at once; and the first sound comes sooner. */
const shortPieces: SplitOptions = { desiredLength: 40, maxLength: 100 };

/** Errors that tell of what was asked rather than of the server. */
const refusals = ["TextError", "UnifiedVoiceError", "TortoiseError"];
