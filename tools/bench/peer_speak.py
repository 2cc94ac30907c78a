"""TorToiSe's `ultra_fast` in plain torch, as works/speak.ts has it: what is drawn comes from the file."""

import math

import torch
import torch.nn.functional as F
from clvp import Weights as ClvpWeights, encoder, latent
from diffusion import SIGNAL, Model, spaced
from peer_decode import START_MEL, START_TEXT, STOP_TEXT, Decoder
from vocoder import Weights, univnet_model

STEPS = 30
LOW, HIGH = math.log(1e-5), 2.3143386840820312  # Logs of a mel that the diffusion decoder knows as -1 and 1.


class Folded(Weights):
    """Weight normalisation is gone, as after `remove_weight_norm`."""

    def normed(self, name, shape, fan_in):
        return self[f"{name}.weight"]


def likely(logits, seen, penalty=2.0, temperature=0.8, top_k=50, top_p=0.8):
    """Logits in the order of transformers' processors; what is removed is at -inf."""
    score = logits.gather(1, seen)
    logits = logits.scatter(1, seen, torch.where(score < 0, score * penalty, score / penalty)) / temperature
    logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -math.inf)
    rising, order = logits.sort(descending=False)
    removed = rising.double().softmax(-1).cumsum(-1) <= 1 - top_p
    removed[:, -1] = False
    return logits.masked_fill(removed.scatter(1, order, removed), -math.inf)


def part(weights, name):
    prefix = f"{name}."
    return {key[len(prefix) :]: x for key, x in weights.items() if key.startswith(prefix)}


def speak(weights, inputs):
    autoregressive, judge, vocoder = part(weights, "autoregressive"), ClvpWeights(part(weights, "clvp")), Folded(part(weights, "vocoder"))
    rows, count = inputs["uniforms.high"].shape
    decoder = Decoder(autoregressive, rows)
    model = Model(dict(model_channels=1024, num_heads=16, in_channels=100, num_layers=10, in_tokens=8193))
    model.weights = part(weights, "diffusion")
    weights.clear()
    tokens = inputs["text"].long()
    voice, uniforms = inputs["voice.autoregressive"], inputs["uniforms.high"].double() + inputs["uniforms.low"].double()
    uniforms = uniforms / 65536

    def text(rows):
        ids = torch.cat([torch.tensor([START_TEXT]), tokens, torch.tensor([STOP_TEXT])])
        w = decoder.w
        x = w["text_embedding.weight"][ids] + w["text_pos_embedding.emb.weight"][: len(ids)]
        return torch.cat([voice[None], x])[None].expand(rows, -1, -1)

    def sound(codes, first):
        w = decoder.w
        return w["mel_embedding.weight"][codes] + w["mel_pos_embedding.emb.weight"][first : first + codes.shape[1]]

    def candidates():
        decoder.begin(rows)
        prompt = text(rows)
        decoder.forward(prompt, 0)
        seen = torch.tensor([[1, START_MEL]]).repeat(rows, 1)
        for i in range(count):
            h = decoder.forward(sound(seen[:, -1:], i), prompt.shape[1] + i)
            logits = decoder.linear("mel_head", h[:, 0])
            logits[:, START_MEL] = -math.inf
            shares = likely(logits, seen).double().softmax(-1).cumsum(-1)
            drawn = torch.searchsorted(shares, uniforms[:, i : i + 1].contiguous(), right=True)
            seen = torch.cat([seen, drawn.clamp(max=logits.shape[1] - 1)], 1)
        return seen[:, 2:]

    def side(kind, ids):
        x = encoder(judge, f"{kind}_transformer.transformer", judge[f"{kind}_emb.weight"][ids], 20, 12, 1536, "wrap.")
        return latent(judge, f"to_{kind}_latent", x.mean(1), 768)

    def latents(codes):
        decoder.begin(1)
        fed = F.pad(codes[:-1], (1, 0), value=START_MEL)[None]
        return decoder.forward(torch.cat([text(1), sound(fed, 0)], 1), 0)[:, -len(codes) :]

    def diffuse(found):
        """Ancestral sampling without guidance."""
        frames = found.shape[1] * 4 * 24000 // 22050
        speech = model.align(inputs["voice.diffusion"][None], frames, latents=found)
        x, steps = inputs["noise.start"], spaced(STEPS)
        signal = SIGNAL[steps]
        for taken, i in enumerate(reversed(range(STEPS))):
            eps, variance = model.forward(x, torch.tensor([steps[i]]), speech).double().chunk(2, 1)
            now, before = signal[i], signal[i - 1] if i else torch.tensor(1.0)
            x0 = ((x - (1 - now).sqrt() * eps) / now.sqrt()).clamp(-1, 1)
            beta = 1 - now / before
            x = (beta * before.sqrt() * x0 + (1 - before) * (1 - beta).sqrt() * x) / (1 - now)
            if i:
                low = torch.log(beta * (1 - before) / (1 - now))
                x = x + ((low + (variance + 1) / 2 * (beta.log() - low)) / 2).exp() * inputs[f"noise.{taken}"]
            x = x.float()
        return (x + 1) / 2 * (HIGH - LOW) + LOW

    def vocode(mel):
        config = dict(channel_size=32, dilations=[1, 3, 9, 27], strides=[8, 8, 4], lReLU_slope=0.2, kpnet_conv_size=3)
        longer = F.pad(mel, (0, 10), value=-11.5129)
        return univnet_model(vocoder, longer, inputs["noise.vocoder"][None], config)[0, 0, :-2560].clamp(-1, 1)

    def run():
        codes = candidates()
        scores = (side("text", tokens[None]) * side("speech", codes)).sum(-1) * judge["temperature"].exp()
        mel = diffuse(latents(codes[scores.argmax()]))
        return dict(codes=codes, scores=scores, mel=mel, sound=vocode(mel))

    return run
