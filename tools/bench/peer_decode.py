"""UnifiedVoice's cached decoding in plain torch, as works/decode.ts has it."""

import time

import torch
import torch.nn.functional as F

LAYERS, D, HEADS, TEXT_TOKENS, STEPS = 30, 1024, 16, 61, 108
START_TEXT, STOP_TEXT, START_MEL = 255, 0, 8192


class Decoder:
    """Matrices as nn.Linear has them, [out, in]; keys and values are written into buffers that were made beforehand."""

    def __init__(self, weights, rows):
        self.w = weights
        for name, x in weights.items():
            if name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
                weights[name] = x.T.contiguous()
        self.begin(rows)

    def begin(self, rows):
        places = TEXT_TOKENS + 3 + STEPS
        self.cache = [torch.zeros(2, rows, HEADS, places, D // HEADS) for _ in range(LAYERS)]

    def linear(self, name, x):
        return F.linear(x, self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def norm(self, name, x):
        return F.layer_norm(x, (D,), self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def forward(self, x, place):
        """Of positions from `place` on, [rows, T, D]."""
        rows, T, _ = x.shape
        for i in range(LAYERS):
            block = f"gpt.h.{i}"
            qkv = self.linear(f"{block}.attn.c_attn", self.norm(f"{block}.ln_1", x))
            q, k, v = (y.view(rows, T, HEADS, D // HEADS).transpose(1, 2) for y in qkv.split(D, -1))
            keys, values = self.cache[i]
            keys[:, :, place : place + T] = k
            values[:, :, place : place + T] = v
            seen = slice(0, place + T)
            y = F.scaled_dot_product_attention(q, keys[:, :, seen], values[:, :, seen], is_causal=T > 1)
            x = x + self.linear(f"{block}.attn.c_proj", y.transpose(1, 2).reshape(rows, T, D))
            inner = F.gelu(self.linear(f"{block}.mlp.c_fc", self.norm(f"{block}.ln_2", x)), approximate="tanh")
            x = x + self.linear(f"{block}.mlp.c_proj", inner)
        return self.norm("final_norm", self.norm("gpt.ln_f", x))

    def prompt(self, voice, rows):
        text = torch.tensor([START_TEXT, *(1 + i % 250 for i in range(TEXT_TOKENS)), STOP_TEXT])
        x = self.w["text_embedding.weight"][text] + self.w["text_pos_embedding.emb.weight"][: len(text)]
        self.forward(torch.cat([voice[None], x])[None].expand(rows, -1, -1), 0)

    def step(self, codes, i):
        x = self.w["mel_embedding.weight"][codes] + self.w["mel_pos_embedding.emb.weight"][i]
        h = self.forward(x[:, None], TEXT_TOKENS + 3 + i)
        return self.linear("mel_head", h[:, 0])


class Loaded(Decoder):
    """Matrices of GPT-2 as the file has them, [in, out], which are multiplied as transformers' Conv1D does."""

    def __init__(self, weights):
        self.w = weights
        self.cache = [torch.zeros(2, 1, HEADS, 8, D // HEADS) for _ in range(LAYERS)]

    def linear(self, name, x):
        weight, bias = self.w[f"{name}.weight"], self.w[f"{name}.bias"]
        return F.linear(x, weight, bias) if name == "mel_head" else x @ weight + bias


def load(path):
    """The file, a module that it is loaded into, a prompt of one token, and the first step."""
    state = torch.load(path, weights_only=True)
    module = torch.nn.Module()
    for name, x in state.items():
        *owners, last = name.split(".")
        owner = module
        for part in owners:
            if part not in owner._modules:
                owner.add_module(part, torch.nn.Module())
            owner = owner._modules[part]
        owner.register_parameter(last, torch.nn.Parameter(torch.empty_like(x)))
    module.load_state_dict(state)
    decoder = Loaded(dict(module.named_parameters()))
    w = decoder.w
    voice = torch.arange(D, dtype=torch.float64).sin().float()
    text = torch.tensor([START_TEXT, 1, STOP_TEXT])
    x = w["text_embedding.weight"][text] + w["text_pos_embedding.emb.weight"][: len(text)]
    decoder.forward(torch.cat([voice[None], x])[None], 0)
    x = w["mel_embedding.weight"][START_MEL] + w["mel_pos_embedding.emb.weight"][0]
    return decoder.linear("mel_head", decoder.forward(x[None, None], 4)[:, 0])[0, :512]


def decode(weights, inputs, rows):
    decoder = Decoder(weights, rows)
    codes = (inputs["rows"].abs() * 1000).floor().long()[:rows]

    def run():
        decoder.prompt(inputs["voice"], rows)
        began = time.perf_counter()
        for i in range(STEPS):
            fed = codes[:, i - 1] if i > 0 else torch.full([rows], START_MEL)
            logits = decoder.step(fed, i)
        run.seconds = (time.perf_counter() - began) / STEPS
        return logits[:, :512]

    return run
