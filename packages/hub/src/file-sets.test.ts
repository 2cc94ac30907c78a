import { expect, test } from "vitest";
import { fileSets } from "./index.js";
import { checkPlace } from "./repo-name.js";

test("the seven released files, and those beside them", () => {
  const names = Object.entries(fileSets).map(([set, { files }]) => [
    set,
    files.map(({ name }) => name),
  ]);

  expect(Object.fromEntries(names)).toEqual({
    tortoise: [
      "autoregressive.pth",
      "clvp2.pth",
      "cvvp.pth",
      "diffusion_decoder.pth",
      "rlg_auto.pth",
      "rlg_diffuser.pth",
      "vocoder.pth",
    ],
    dvae: ["dvae.pth"],
    hifidecoder: ["hifidecoder.pth"],
    classifier: ["classifier.pth"],
  });
});

test.each(Object.values(fileSets).flatMap(({ files }) => files))(
  "$name can be downloaded",
  (file) => {
    for (const place of file.places) checkPlace(place);
    expect(file.sha256 ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
  },
);
