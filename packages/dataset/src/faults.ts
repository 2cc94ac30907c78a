/** What is wrong, by a name for programs; see {@link faults} for what each means. */
export type FaultName = keyof typeof faults;

/**
 * All that can be wrong with a dataset, as headings over the clips concerned. Clips with faults of
 * the first group cannot be used and are left out; the others are used, but are worth a look.
 */
export const faults = {
  "bad-line": { isUsable: false, title: "Lines that cannot be read" },
  "bad-times": { isUsable: false, title: "Times that are wrong, or outside the recording" },
  "not-utf8": { isUsable: false, title: "Texts that are not UTF-8" },
  "outside-folder": { isUsable: false, title: "Files outside the folder" },
  "missing-file": { isUsable: false, title: "Recordings that are missing" },
  "missing-text": { isUsable: false, title: "Recordings without a text" },
  "same-clip": { isUsable: false, title: "Clips that are listed twice" },
  unreadable: { isUsable: false, title: "Recordings that cannot be read" },
  damaged: { isUsable: false, title: "Recordings that are damaged" },
  "not-numbers": { isUsable: false, title: "Recordings with samples that are no numbers" },
  silent: { isUsable: false, title: "Silent recordings" },
  "opposite-channels": { isUsable: false, title: "Recordings whose channels cancel each other" },
  "too-short": { isUsable: false, title: "Recordings that are too short" },
  "too-long": { isUsable: false, title: "Recordings that are too long" },
  "empty-text": { isUsable: false, title: "Empty texts" },
  "unknown-characters": { isUsable: false, title: "Characters outside the vocabulary" },
  "too-much-text": { isUsable: false, title: "Texts that are too long" },

  "text-too-long": { isUsable: true, title: "More text than the recording has time for" },
  "text-too-short": { isUsable: true, title: "Less text than the recording has time for" },
  "cut-off": { isUsable: true, title: "Words that seem to be cut off" },
  clipping: { isUsable: true, title: "Clipped recordings" },
  noise: { isUsable: true, title: "Noisy recordings" },
  "edge-silence": { isUsable: true, title: "Long silence before or after the speech" },
  "long-pause": { isUsable: true, title: "Long pauses in the speech" },
  loudness: { isUsable: true, title: "Much quieter or louder than the other clips" },
  offset: { isUsable: true, title: "Waves that are not centred on zero" },
  "narrow-band": { isUsable: true, title: "Recordings without high frequencies" },
  "silent-channel": { isUsable: true, title: "Recordings with a silent channel" },
  "same-sound": { isUsable: true, title: "The same recording twice" },
  "same-text": { isUsable: true, title: "The same text twice" },
  "split-leak": { isUsable: true, title: "Recordings both trained on and held out" },
  "mixed-rates": { isUsable: true, title: "Different sample rates" },
  "one-speaker-rules": { isUsable: true, title: "One speaker has most of the speech" },
  "lonely-clip": { isUsable: true, title: "Speakers with one clip" },
  "little-speech": { isUsable: true, title: "Little speech" },
  "unlisted-files": { isUsable: true, title: "Recordings that nothing names" },
} as const satisfies Readonly<
  Record<string, { readonly isUsable: boolean; readonly title: string }>
>;
