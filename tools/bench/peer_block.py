"""What one GPT-2 block and a step of AdamW take in PyTorch, beside profile-block.ts and optimizers.ts: processor time of one
thread, the least of ten.

    python3 tools/bench/peer_block.py
"""

import time

import torch
import torch.nn.functional as F

D, HEADS, T, WEIGHTS = 1024, 16, 314, 2**24
torch.set_num_threads(1)


def least(run):
    best = float("inf")
    for _ in range(10):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    return best


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [(D, 3 * D), (D, D), (D, 4 * D), (4 * D, D)]
        self.attn, self.proj, self.fc, self.out = (torch.nn.Linear(*size) for size in sizes)
        self.ln_1, self.ln_2 = torch.nn.LayerNorm(D), torch.nn.LayerNorm(D)

    def forward(self, x):
        q, k, v = (y.view(1, T, HEADS, -1).transpose(1, 2) for y in self.attn(self.ln_1(x)).split(D, -1))
        heard = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(heard.transpose(1, 2).flatten(2))
        return x + self.out(F.gelu(self.fc(self.ln_2(x)), approximate="tanh"))


block = Block()
x = torch.randn(1, T, D, requires_grad=True)
dy = torch.randn(1, T, D)
y = block(x)
forward = least(lambda: block(x))
backward = least(lambda: torch.autograd.grad(y, [x, *block.parameters()], dy, retain_graph=True))
print(f"full, forward: {1000 * forward:.1f} ms\nfull, backward: {1000 * backward:.1f} ms")

for fused in False, True:
    weight = torch.randn(WEIGHTS, requires_grad=True)
    weight.grad = 1e-3 * torch.randn(WEIGHTS)
    optimizer = torch.optim.AdamW([weight], lr=1e-6, fused=fused)
    seconds = least(optimizer.step)
    print(f"AdamW{', fused' if fused else ''}: {1e9 * seconds / WEIGHTS:.2f} ns a weight")
