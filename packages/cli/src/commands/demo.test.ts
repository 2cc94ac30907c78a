import { expect, test } from "vitest";
import { embedded } from "../place.js";
import { demoSettings } from "./demo.js";

test("holds out the voice's last six sentences", async () => {
  const settings = await demoSettings({ seed: 1, steps: 2, device: "cpu" });

  expect(settings).toMatchObject({ dataset: embedded, base: embedded, seed: 1, steps: 2 });
  expect(settings.heldOut).toEqual([
    "slt-395",
    "slt-396",
    "slt-397",
    "slt-398",
    "slt-399",
    "slt-400",
  ]);
});
