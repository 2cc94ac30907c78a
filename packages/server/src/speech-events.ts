import { ApiError } from "./api-error.js";
import type { Framing } from "./body-stream.js";

/**
 * Server-sent events: `speech.audio.delta` with a part of the file in base64, again and again, then
 * `speech.audio.done`; or an error, which OpenAI's clients throw.
 *
 * @param characters Of the text. They are counted as its tokens; sound is not counted.
 */
export function speechEvents(characters: number): Required<Framing> {
  return {
    part: (bytes) => event({ type: "speech.audio.delta", audio: base64(bytes) }),
    end() {
      const usage = { input_tokens: characters, output_tokens: 0, total_tokens: characters };
      return event({ type: "speech.audio.done", usage });
    },
    failure: () => event({ error: new ApiError(500, "Speaking failed on the way.") }),
  };
}

function event(data: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
}

/** Bytes that become characters at once: a call takes that many arguments for sure. */
const blockBytes = 8192;

function base64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += blockBytes)
    characters += String.fromCharCode(...bytes.subarray(at, at + blockBytes));
  return btoa(characters);
}
