"""The other side of `npm run bench`: the same work in PyTorch or librosa, as their users would write it.

    python tools/bench/peers.py ID PEER FILE

`main.ts` starts it and speaks with it in lines: it says {"ready": outputs of a first run}, then {"seconds": …} for each
"run" that it is told, and {"peakMB": …} when its input ends.
"""

import json
import math
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

work_id, peer, path = sys.argv[1:4]
sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))


def read(path):
    """Weights and inputs of a file that `writeNumbers` made."""
    from safetensors.torch import load_file

    tensors = load_file(path)
    part = lambda prefix: {name[len(prefix) :]: x for name, x in tensors.items() if name.startswith(prefix)}
    return part("weights."), part("inputs.")


def dvae_encode(path):
    from dvae import Dvae

    weights, inputs = read(path)
    sizes = dict(channels=80, tokens=8192, codebookDim=512, hiddenDim=512, resnetBlocks=3, layers=2, kernelSize=3)
    model = Dvae(**sizes)
    model.load_state_dict(weights)
    mel = inputs["mel"][None]

    def run():
        z = model.encoder(mel)[0].T  # [N, D]; then squared distances as in the released model's quantiser.
        embed = model.codebook.embed
        return (z.pow(2).sum(1, keepdim=True) - 2 * z @ embed + embed.pow(2).sum(0, keepdim=True)).argmin(1)

    return run


def diffusion_step(path):
    from diffusion import Model

    weights, inputs = read(path)
    model = Model(dict(model_channels=1024, num_heads=16, in_channels=100, num_layers=10, in_tokens=8193))
    model.weights = weights
    x, speech, t = inputs["x"], inputs["speech"], torch.tensor([2000])

    def run():
        told = model.forward(x, t, speech[:1])
        untold = model.forward(x, t, speech[1:])
        return torch.cat([3 * told[:, :100] - 2 * untold[:, :100], told[:, 100:]], 1)

    return run


def clvp_16(path):
    from clvp import Weights, encoder, latent

    weights, inputs = read(path)
    w = Weights(weights)

    def side(kind, ids):
        x = encoder(w, f"{kind}_transformer.transformer", w[f"{kind}_emb.weight"][ids], 20, 12, 1536, "wrap.")
        return latent(w, f"to_{kind}_latent", x.mean(1), 768)

    text, codes = inputs["text"].long(), inputs["codes"].long()
    return lambda: (side("text", text) * side("speech", codes)).sum(-1) * w["temperature"].exp()


def univnet_5s(path):
    from vocoder import Weights, univnet_model

    weights, inputs = read(path)
    config = dict(channel_size=32, dilations=[1, 3, 9, 27], strides=[8, 8, 4], lReLU_slope=0.2, kpnet_conv_size=3)

    class Folded(Weights):
        """Weight normalisation is gone, as after `remove_weight_norm`."""

        def normed(self, name, shape, fan_in):
            return self[f"{name}.weight"]

    mel = F.pad(inputs["mel"][None], (0, 10), value=-11.5129)
    return lambda: univnet_model(Folded(weights), mel, inputs["noise"][None], config)[0, 0, :-2560].clamp(-1, 1)


def mel(path, rate):
    clip = 0.1 * read(path)[1]["clip"]
    if peer == "librosa":
        import librosa

        options = dict(sr=rate, n_fft=1024, hop_length=256, pad_mode="reflect", norm="slaney")
        kind = dict(n_mels=80, fmax=8000, htk=True, power=2) if rate == 22_050 else dict(n_mels=100, fmax=12_000, power=1)
        samples = clip.numpy()
        log = lambda x: torch.from_numpy(x).clamp(min=1e-5).log()
        return lambda: log(librosa.feature.melspectrogram(y=samples, **options, **kind))
    from parity import mel_filters, spectrum

    htk, slaney = mel_filters()
    if rate == 22_050:
        return lambda: (htk @ spectrum(clip[None])[0] ** 2).clamp(min=1e-5).log()
    return lambda: (slaney @ spectrum(clip[None].clamp(-1, 1))[0]).clamp(min=1e-5).log()


def resample(path):
    import parity

    clip = 0.1 * read(path)[1]["clip"][None]
    return lambda: parity.resample(clip, 48_000, 22_050)[0]


def start_import(path):
    """In a process of its own each time."""
    script = "import time; t = time.perf_counter(); import torch; x = torch.ones(3) + 1; print(time.perf_counter() - t)"

    def run():
        run.seconds = float(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout)
        return torch.full([3], 2.0)

    return run


def decode(path, rows):
    import peer_decode

    return peer_decode.decode(*read(path), rows)


def load_autoregressive(path):
    import peer_decode

    return lambda: peer_decode.load(path)


def speak(path):
    import peer_speak

    return peer_speak.speak(*read(path))


def train(path, with_adapters):
    import peer_train

    return peer_train.train(*read(path), with_adapters)


works = {
    "train.full.fp32": lambda path: train(path, False),
    "train.lora.int8": lambda path: train(path, True),
    "decode.fp32.b1": lambda path: decode(path, 1),
    "decode.fp32.b16": lambda path: decode(path, 16),
    "decode.int8.b1": lambda path: decode(path, 1),
    "decode.int8.b16": lambda path: decode(path, 16),
    "dvae.encode": dvae_encode,
    "diffusion.step": diffusion_step,
    "diffusion.int8": diffusion_step,
    "clvp.16": clvp_16,
    "clvp.int8": clvp_16,
    "univnet.5s": univnet_5s,
    "audio.mel-ar": lambda path: mel(path, 22_050),
    "audio.mel-24k": lambda path: mel(path, 24_000),
    "audio.resample": resample,
    "load.autoregressive": load_autoregressive,
    "speak.ultra-fast": speak,
    "speak.ultra-fast.int8": speak,
    "start.import": start_import,
}


def say(**what):
    print(json.dumps(what), flush=True)


def plain(outputs):
    """A tensor, or those of each stage, as JSON has them."""
    if isinstance(outputs, dict):
        return {stage: plain(x) for stage, x in outputs.items()}
    return outputs.flatten().double().tolist()


def peak_kilobytes():
    """On Linux ru_maxrss may be that of the process which started this one."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(found[0]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main():
    learns = torch.enable_grad() if work_id.startswith("train.") else torch.inference_mode()
    with learns:
        run = works[work_id](path)

        def timed():
            began = time.perf_counter()
            # Anew for each run: until it ends it keeps casts of what is trained, those of a step before would be old.
            with torch.autocast("cpu", torch.bfloat16, enabled=peer == "pytorch-bf16"):
                result = run()
            return result, getattr(run, "seconds", time.perf_counter() - began)

        first, seconds = timed()
        say(ready=plain(first), seconds=seconds)
        for _ in sys.stdin:
            say(seconds=timed()[1])
    say(peakMB=None if work_id == "start.import" else peak_kilobytes() / 1024)


main()
