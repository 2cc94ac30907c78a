import { CheckpointError, encodeSafetensors } from "@hawksbill/checkpoint";
import { liveTensors } from "@hawksbill/core";
import { trainTokenizer } from "@hawksbill/text";
import { expect, test } from "vitest";
import { tinyModel } from "../test/tiny-model.js";
import { disposeModel, loadModel, modelOf } from "./model.js";

test("a tokenizer's token is never the one that starts a text", () => {
  const model = tinyModel();
  const { textTokens, startTextToken } = model.config;
  const alphabet = "abcdefghijklmnopqrstuvwxyz.,'!?";
  const tokenizer = trainTokenizer(["hello there"], { vocabularySize: textTokens, alphabet });
  expect(tokenizer.vocabularySize).toBe(textTokens);

  expect(() => modelOf({ ...model, tokenizer, metadata: {} })).toThrow(
    new CheckpointError(
      "unified-voice.safetensors",
      `has ${startTextToken} text tokens and one that starts a text, the tokenizer ${textTokens}; give the tokenizer that it was trained with`,
    ),
  );
  disposeModel(model);
});

test("of a model whose files do not belong together nothing stays in memory", () => {
  const { tokenizer, dvae, ...model } = tinyModel();
  const files = {
    tokenizer: new TextEncoder().encode(JSON.stringify(tokenizer)),
    dvae: encodeSafetensors(dvae),
    unifiedVoice: encodeSafetensors(model.unifiedVoice),
  };
  disposeModel({ tokenizer, dvae, ...model });
  const before = liveTensors();

  disposeModel(loadModel(files));
  for (const wrong of [{ unifiedVoice: files.dvae }, { unifiedVoice: new Uint8Array(3) }])
    expect(() => loadModel({ ...files, ...wrong })).toThrow(CheckpointError);
  expect(liveTensors()).toBe(before);
});
