/** `48 s`, `3 min 12 s`, `1 h 04 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  const two = (n: number): string => `${n}`.padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `4.213`. */
export function lossText(loss: number): string {
  return loss.toFixed(3);
}

/** `2.0e-4`. */
export function rateText(learningRate: number): string {
  return learningRate.toExponential(1);
}

/** `83 %`. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** `612 MB`, `3.4 GB`. */
export function memoryText(megabytes: number): string {
  return megabytes < 1024 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}

/** `1 clip`, `3 clips`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** A word as a shell takes it: quoted where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word.replace(/["$`]/g, "\\$&")}"`;
}

/** Text with names from strangers' files, which may hold what moves the cursor or turns the line round. */
export function printable(text: string): string {
  const code = (letter: string): string => (letter.codePointAt(0) ?? 0).toString(16);
  return text.replace(
    /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
    (letter) => `\\u{${code(letter)}}`,
  );
}
