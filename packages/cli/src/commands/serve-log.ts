import type { RequestEvent } from "@hawksbill/server";

/** Characters of an address that are told: anybody can send any. */
const shownCharacters = 60;

/** A request in a line, when it is over. */
export function requestLine(event: RequestEvent): string {
  const { method, status, outcome, seconds, speech, error } = event;
  const path = JSON.stringify(event.path.slice(0, shownCharacters)).slice(1, -1);
  const parts = [`${method} ${path} ${status} in ${seconds.toFixed(2)} s`];
  if (speech) {
    const { audioSeconds, format, voice, characters, queueSeconds, firstAudioSeconds } = speech;
    parts.push(
      `${audioSeconds.toFixed(1)} s of ${format} for ${characters} characters by ${voice}`,
    );
    if (queueSeconds !== undefined) parts.push(`waited ${queueSeconds.toFixed(2)} s`);
    if (firstAudioSeconds !== undefined)
      parts.push(`first sound after ${firstAudioSeconds.toFixed(2)} s`);
  }
  if (outcome !== "answered") parts.push(outcomes[outcome]);
  if (error !== undefined) parts.push(`error: ${error instanceof Error ? error.message : error}`);
  return parts.join("; ");
}

const outcomes = { left: "the client left", cut: "cut off" } as const;
