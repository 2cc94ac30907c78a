import type { DlasNote, DlasSettings } from "./dlas-settings.js";

type Files = Pick<DlasSettings, "pretrained" | "latentsFrom">;

/**
 * The files that a configuration begins with. One that is named for another network counts, too, but is told of:
 * DL-Art-School passed it over without a word and began with random weights.
 */
export function pretrainedFiles(config: Record<string, unknown>): {
  readonly files: Files;
  readonly notes: DlasNote[];
} {
  const networks = Object.keys(Object(config.networks));
  const named = Object.entries(Object(config.path) as Record<string, unknown>).flatMap(
    ([key, value]) => {
      const [, network] = /^pretrain_model_(.+)$/.exec(key) ?? [];
      return network === undefined || typeof value !== "string" ? [] : [{ key, network, value }];
    },
  );
  const isMeant = ({ network }: { readonly network: string }): boolean =>
    networks.length === 0 || networks.includes(network);
  const chosen = named.find(isMeant) ?? named[0];
  const latentsFrom = gptPath(config.steps);
  return {
    files: {
      ...(chosen ? { pretrained: chosen.value } : {}),
      ...(latentsFrom === undefined ? {} : { latentsFrom }),
    },
    notes: named
      .filter((one) => !isMeant(one))
      .map(({ key, network, value }) => ({
        key: `path.${key}`,
        value,
        verdict: "replaced",
        what: `no network is called "${network}" (there is ${networks.join(", ")}): DL-Art-School passed it over and began with random weights; here training begins with it`,
      })),
  };
}

/** The UnifiedVoice that an injector makes latents with. */
function gptPath(steps: unknown): string | undefined {
  for (const step of Object.values(Object(steps)))
    for (const injector of Object.values(Object(Object(step).injectors))) {
      const { gpt_path: path } = Object(injector) as { readonly gpt_path?: unknown };
      if (typeof path === "string") return path;
    }
  return undefined;
}
