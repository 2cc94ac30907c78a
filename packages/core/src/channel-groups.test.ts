import { expect, test } from "vitest";
import { channelGroups } from "./channel-groups.js";

test("few channels have fewer groups, which always divide them", () => {
  expect([8, 16, 20, 64, 80, 96, 1024].map(channelGroups)).toEqual([8, 8, 4, 16, 16, 32, 32]);
});
