import {
  clvpSpeechLatents,
  clvpTextLatents,
  contrastiveLoss,
  inferClvpConfig,
  similarity,
} from "@hawksbill/clvp";
import { cast, compile, type Tensor, valueAndGradWithAux, type Weights } from "@hawksbill/core";
import { compareTensors } from "./compare.js";
import { type Check, Config, prefixed, tensorOf, weightsOf } from "./fixture.js";

/** How well each row of codes says the text of its row, the loss of all rows as each other's contrast, and its gradients. */
export const checkClvp: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const sizes = inferClvpConfig(weights, fixture.name);
  const config = new Config(fixture);
  config.expectSizes({
    dim_text: sizes.dimText,
    dim_speech: sizes.dimSpeech,
    dim_latent: sizes.dimLatent,
    num_text_tokens: sizes.numTextTokens,
    num_speech_tokens: sizes.numSpeechTokens,
    text_enc_depth: sizes.textEncDepth,
    speech_enc_depth: sizes.speechEncDepth,
    text_heads: sizes.textHeads,
    speech_heads: sizes.speechHeads,
  });
  config.expectSettings({ use_xformers: true });

  const run = compile(
    (w: Weights, tokens: Tensor, codes: Tensor) =>
      valueAndGradWithAux((parameters: Weights) => {
        const said = clvpTextLatents(parameters, cast(tokens, "int32"));
        const heard = clvpSpeechLatents(parameters, cast(codes, "int32"));
        const loss = contrastiveLoss(parameters, said, heard);
        return { loss, aux: { loss, similarity: similarity(parameters, said, heard) } };
      })(w),
    { device, name: "clvp" },
  );
  const [text, codes] = [tensorOf(fixture, "inputs.text"), tensorOf(fixture, "inputs.codes")];
  const { aux, grads } = await run(weights, text, codes);
  await run.release();
  return compareTensors(fixture.tensors, {
    "outputs.similarity": aux.similarity,
    "outputs.contrastive_loss": aux.loss,
    ...prefixed("grads", grads),
  });
};
