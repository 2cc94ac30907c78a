"""A training step of UnifiedVoice in plain torch, as works/train.ts has it: whole, or with adapters of rank 16."""

import torch
import torch.nn.functional as F

LAYERS, D, HEADS, TEXT_TOKENS, BLOCKS, RANK = 30, 1024, 16, 60, 6, 16
START_TEXT, STOP_TEXT, START_MEL, STOP_MEL, TOKEN = 255, 0, 8192, 8193, 5


class Model:
    def __init__(self, weights, with_adapters):
        self.w = weights
        self.adapters = {}
        for name, x in weights.items():
            if not with_adapters:
                x.requires_grad_()
            elif x.ndim > 1 and not name.endswith(("embedding.weight", "emb.weight")):
                outputs, inputs = x.shape[:2] if ".h." not in name else x.T.shape
                a = torch.nn.init.kaiming_uniform_(torch.empty(RANK, inputs)).requires_grad_()
                self.adapters[name] = (a, torch.zeros(outputs, RANK, requires_grad=True))

    def parameters(self):
        return [x for pair in self.adapters.values() for x in pair] or list(self.w.values())

    def linear(self, name, x):
        weight = self.w[f"{name}.weight"]
        if ".h." in name:  # GPT-2's matrices are [in, out].
            y = torch.addmm(self.w[f"{name}.bias"], x.flatten(0, -2), weight).view(*x.shape[:-1], -1)
        else:
            y = F.linear(x, weight.squeeze(-1) if weight.ndim == 3 else weight, self.w[f"{name}.bias"])
        if f"{name}.weight" not in self.adapters:
            return y
        a, b = self.adapters[f"{name}.weight"]
        return y + F.linear(F.linear(x, a), b)

    def norm(self, name, x):
        return F.layer_norm(x, (D,), self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def voice(self, mels):
        """[clips, 80, frames] -> [1, D]; the encoder's mean over clips, of each the first position."""
        name = "conditioning_encoder"
        x = self.linear(f"{name}.init", mels.transpose(1, 2))
        for i in range(BLOCKS):
            block = f"{name}.attn.{i}"
            normal = F.group_norm(x.transpose(1, 2), 32, self.w[f"{block}.norm.weight"], self.w[f"{block}.norm.bias"])
            qkv = self.linear(f"{block}.qkv", normal.transpose(1, 2))
            q, k, v = qkv.unflatten(-1, (HEADS, 3, -1)).permute(3, 0, 2, 1, 4)  # Heads are outermost.
            heard = F.scaled_dot_product_attention(q, k, v)
            x = x + self.linear(f"{block}.proj_out", heard.transpose(1, 2).flatten(2))
        return x[:, 0].mean(0, keepdim=True)

    def gpt(self, x):
        rows, T, _ = x.shape
        for i in range(LAYERS):
            block = f"gpt.h.{i}"
            qkv = self.linear(f"{block}.attn.c_attn", self.norm(f"{block}.ln_1", x))
            q, k, v = (y.view(rows, T, HEADS, -1).transpose(1, 2) for y in qkv.split(D, -1))
            heard = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.linear(f"{block}.attn.c_proj", heard.transpose(1, 2).flatten(2))
            inner = F.gelu(self.linear(f"{block}.mlp.c_fc", self.norm(f"{block}.ln_2", x)), approximate="tanh")
            x = x + self.linear(f"{block}.mlp.c_proj", inner)
        return self.norm("final_norm", self.norm("gpt.ln_f", x))

    def embed(self, kind, ids):
        return self.w[f"{kind}_embedding.weight"][ids] + self.w[f"{kind}_pos_embedding.emb.weight"][: len(ids)]

    def loss(self, mels, codes):
        text = torch.tensor([START_TEXT, *[TOKEN] * TEXT_TOKENS, STOP_TEXT])
        mel = F.pad(codes, (1, 1), value=START_MEL)
        mel[-1] = STOP_MEL
        h = self.gpt(torch.cat([self.voice(mels), self.embed("text", text), self.embed("mel", mel[:-1])])[None])[0]
        told = self.linear("text_head", h[1 : len(text)])
        said = self.linear("mel_head", h[1 + len(text) :])
        return 0.01 * F.cross_entropy(told, text[1:]) + F.cross_entropy(said, mel[1:])


def train(weights, inputs, with_adapters):
    mels = inputs["level"][None, :, None].expand(2, -1, 517).contiguous()
    codes = inputs["codes"].flatten().long()
    model = Model(weights, with_adapters)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, betas=(0.9, 0.96), weight_decay=0.01, fused=True)

    def run():
        loss = model.loss(mels, codes)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach().reshape(1)

    return run
