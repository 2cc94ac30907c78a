import type { ModelKind } from "../model-kind.js";
import { size } from "../tensor-spec.js";
import { encoderDepth, transformerEncoder } from "./transformer-encoder.js";

/** How well speech says a text: TorToiSe's `clvp2.pth`. */
export const clvp: ModelKind<"textEncDepth" | "speechEncDepth"> = {
  kind: "clvp",
  title: "CLVP",
  counts: (names) => ({
    textEncDepth: encoderDepth(names, "text_transformer\\.transformer"),
    speechEncDepth: encoderDepth(names, "speech_transformer\\.transformer"),
  }),
  *tensors({ textEncDepth, speechEncDepth }) {
    const text = size("dimText");
    const speech = size("dimSpeech");
    const latent = size("dimLatent");

    yield { name: "temperature", shape: [] };
    yield { name: "text_emb.weight", shape: [size("numTextTokens"), text] };
    yield { name: "to_text_latent.weight", shape: [latent, text] };
    yield { name: "speech_emb.weight", shape: [size("numSpeechTokens"), speech] };
    yield { name: "to_speech_latent.weight", shape: [latent, speech] };
    yield* transformerEncoder("text_transformer.transformer", {
      prefix: "text",
      width: text,
      depth: textEncDepth,
      wrap: "wrap.",
    });
    yield* transformerEncoder("speech_transformer.transformer", {
      prefix: "speech",
      width: speech,
      depth: speechEncDepth,
      wrap: "wrap.",
    });
  },
  unknownSettings: () => [
    {
      setting: "text_seq_len, speech_seq_len",
      released: "350, 430",
      why: "rotary positions have no table",
    },
  ],
};
