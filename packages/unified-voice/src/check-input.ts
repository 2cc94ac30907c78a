import type { UnifiedVoiceConfig } from "./config.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

/** @throws {UnifiedVoiceError} A token is none of the vocabulary's, or the text is longer than the position table. */
export function checkTokens(
  caller: string,
  tokens: ArrayLike<number>,
  config: UnifiedVoiceConfig,
  item?: number,
): void {
  const { textTokens, startTextToken, maxTextTokens } = config;
  const who = item === undefined ? "" : `item ${item}: `;
  const about = item === undefined ? {} : { item };
  if (tokens.length === 0)
    throw new UnifiedVoiceError(`${caller}: ${who}the text has no tokens; give some text`, about);
  if (tokens.length > maxTextTokens)
    throw new UnifiedVoiceError(
      `${caller}: ${who}the text has ${tokens.length} tokens, the model takes ${maxTextTokens}; split the text`,
      about,
    );
  const bad = Array.from(tokens).findIndex(
    (t) => !Number.isInteger(t) || t < 0 || t >= textTokens || t === startTextToken,
  );
  if (bad >= 0)
    throw new UnifiedVoiceError(
      `${caller}: ${who}text token ${tokens[bad]} at ${bad} is not in the vocabulary of ${textTokens}, of which ${startTextToken} starts texts; use the tokenizer that came with the model`,
      about,
    );
}

/** @throws {UnifiedVoiceError} A code is not one of the dVAE's, or there are none or too many. */
export function checkCodes(
  caller: string,
  codes: ArrayLike<number>,
  config: UnifiedVoiceConfig,
  item?: number,
): void {
  const { melCodes, startMelToken, stopMelToken, maxMelTokens } = config;
  const who = item === undefined ? "" : `item ${item}: `;
  const about = item === undefined ? {} : { item };
  if (codes.length === 0)
    throw new UnifiedVoiceError(
      `${caller}: ${who}the clip has no codes; leave it out or give a longer one`,
      about,
    );
  if (codes.length > maxMelTokens)
    throw new UnifiedVoiceError(
      `${caller}: ${who}the clip has ${codes.length} codes, the model takes ${maxMelTokens}; cut the clip`,
      about,
    );
  const bad = Array.from(codes).findIndex(
    (c) =>
      !Number.isInteger(c) || c < 0 || c >= melCodes || c === startMelToken || c === stopMelToken,
  );
  if (bad >= 0)
    throw new UnifiedVoiceError(
      `${caller}: ${who}code ${codes[bad]} at ${bad} is not one of a dVAE with ${melCodes - 2} codes; give codes alone, without start (${startMelToken}) and stop (${stopMelToken})`,
      about,
    );
}
