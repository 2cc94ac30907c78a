import type { RequestEvent } from "./request-record.js";

/** What a model's queue looks like now. */
export interface QueueState {
  readonly model: string;
  readonly running: number;
  readonly waiting: number;
}

/** Upper ends of the classes that times are counted in, seconds. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

/** Counts what happens and writes it in Prometheus's text format. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #firstAudio = new Histogram();
  readonly #durations = new Histogram();
  #left = 0;
  #characters = 0;
  #audioSeconds = 0;

  /** @param route One of the server's, or "other": what clients write in addresses would fill the memory. */
  count(route: string, { status, outcome, seconds, speech }: RequestEvent): void {
    const key = `route="${route}",status="${status}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    if (outcome === "left") this.#left++;
    if (speech === undefined) return;
    this.#durations.add(seconds);
    this.#characters += speech.characters;
    this.#audioSeconds += speech.audioSeconds;
    if (speech.firstAudioSeconds !== undefined) this.#firstAudio.add(speech.firstAudioSeconds);
  }

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(queues: readonly QueueState[]): string {
    const queue = (key: "running" | "waiting"): Sample[] =>
      queues.map((state) => [`model="${escaped(state.model)}"`, state[key]]);
    return [
      metric("requests_total", "counter", "Requests that are over.", [...this.#requests]),
      metric("requests_left_total", "counter", "Requests whose clients left before the end.", [
        ["", this.#left],
      ]),
      metric("speaking", "gauge", "Requests that are being spoken.", queue("running")),
      metric("waiting", "gauge", "Requests that wait to be spoken.", queue("waiting")),
      metric("characters_total", "counter", "Characters that were to be spoken.", [
        ["", this.#characters],
      ]),
      metric("audio_seconds_total", "counter", "Seconds of sound that were made.", [
        ["", this.#audioSeconds],
      ]),
      this.#firstAudio.text("first_audio_seconds", "Seconds until there was sound to send."),
      this.#durations.text("speech_seconds", "Seconds that requests for speech took in all."),
    ].join("");
  }
}

type Sample = readonly [labels: string, value: number];

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(
    ([labels, value]) => `hawksbill_${name}${labels === "" ? "" : `{${labels}}`} ${value}\n`,
  );
  return `${head(name, type, help)}${lines.join("")}`;
}

function head(name: string, type: string, help: string): string {
  return `# HELP hawksbill_${name} ${help}\n# TYPE hawksbill_${name} ${type}\n`;
}

function escaped(label: string): string {
  return label.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

/** Times, counted in classes. */
class Histogram {
  /** How many were at most as long as each of `bounds`. */
  readonly #counts = bounds.map(() => 0);
  #count = 0;
  #sum = 0;

  add(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    for (const [i, bound] of bounds.entries())
      if (seconds <= bound) this.#counts[i] = (this.#counts[i] as number) + 1;
  }

  text(name: string, help: string): string {
    const classes = bounds.map(
      (bound, i) => `hawksbill_${name}_bucket{le="${bound}"} ${this.#counts[i]}\n`,
    );
    return `${head(name, "histogram", help)}${classes.join("")}hawksbill_${name}_bucket{le="+Inf"} ${this.#count}
hawksbill_${name}_sum ${this.#sum}
hawksbill_${name}_count ${this.#count}
`;
  }
}
