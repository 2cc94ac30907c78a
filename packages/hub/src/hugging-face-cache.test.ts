import { join } from "node:path";
import { expect, test } from "vitest";
import { huggingFaceCache } from "./index.js";

test.each([
  [{}, ["home", ".cache", "huggingface", "hub"]],
  [{ XDG_CACHE_HOME: "xdg" }, ["xdg", "huggingface", "hub"]],
  [{ HF_HOME: "hf", XDG_CACHE_HOME: "xdg" }, ["hf", "hub"]],
  [{ HF_HUB_CACHE: "hub", HF_HOME: "hf" }, ["hub"]],
  [{ HUGGINGFACE_HUB_CACHE: "old", HF_HOME: "hf" }, ["old"]],
  [{ HF_HOME: "" }, ["home", ".cache", "huggingface", "hub"]],
])("with %j", (environment, parts) => {
  expect(huggingFaceCache(environment, "home")).toBe(join(...parts));
});
