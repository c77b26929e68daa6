#!/usr/bin/env python3
"""Trains a LeNet, LSTMs and a transformer with PyTorch, imports them into Spusk, and compares the outputs.

    cargo build --release
    python3 benches/agreement_import.py [--python PATH] [--spusk PATH] [WORD ...]

The weights go through a safetensors file with PyTorch's own names; one case has other names, transposed matrices and gates
in another order, and a map that says so. Outputs for held-out examples have to agree within 1e-4, relative to the
largest. Words choose the cases whose names contain one of them. Where there is no PyTorch, it says so and exits 0.
"""
import csv
import json
import math
import os
import random
import struct
import sys
import tempfile

from agreement import arguments, call, load_tensors, save_tensors

TOLERANCE = 1e-4
EXAMPLES = 64
WORDS = "tide moss iron lamp wolf sand kite rust fern gold salt pine".split()


def networks(torch):
    """name → (experiment's data and layers, maker of the network from its number of tokens, map, how weights are renamed)."""
    from torch import nn
    from torch.nn import functional as F

    class LeNet(nn.Module):
        def __init__(self, _):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 4)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x.movedim(-1, 1))), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    def recurrent(**options):
        class Recurrent(nn.Module):
            def __init__(self, tokens):
                super().__init__()
                self.emb = nn.Embedding(tokens, 24)
                self.lstm = nn.LSTM(24, 32, batch_first=True, **options)
                self.fc = nn.Linear(64 if options.get("bidirectional") else 32, 2)

            def forward(self, x):
                lengths = (x > 0).sum(1)
                packed = nn.utils.rnn.pack_padded_sequence(self.emb(x.long()), lengths, batch_first=True, enforce_sorted=False)
                ends = self.lstm(packed)[1][0]
                return self.fc(torch.cat([ends[-2], ends[-1]], 1) if options.get("bidirectional") else ends[-1])
        return Recurrent

    class Transformer(nn.Module):
        def __init__(self, tokens):
            super().__init__()
            self.embed, self.project = nn.Embedding(tokens, 128), nn.Linear(128, 64)
            block = nn.TransformerEncoderLayer(64, 4, 256, 0.0, "gelu", batch_first=True, norm_first=True)
            self.encoder = nn.TransformerEncoder(block, 2, norm=nn.LayerNorm(64), enable_nested_tensor=False)
            self.head = nn.Linear(64, 2)

        def forward(self, x):
            h = self.project(self.embed(x.long()))
            t, i = torch.arange(h.shape[1])[:, None], torch.arange(32)[None]
            angle = t / 10000 ** (2 * i / 64)
            h = h + torch.stack([angle.sin(), angle.cos()], -1).flatten(1)
            h = self.encoder(h, src_key_padding_mask=x == 0)
            seen = (x > 0).float()[..., None]
            return self.head((h * seen).sum(1) / seen.sum(1))

    def as_elsewhere(tensors):
        """As other programs have them: matrices [in, out], gates i, o, f, g, names of their own."""
        def gates(tensor):
            i, f, g, o = tensor.chunk(4)
            return torch.cat([i, o, f, g])
        renamed = {"words/table": tensors["emb.weight"], "out/matrix": tensors["fc.weight"].T, "out/shift": tensors["fc.bias"]}
        for leaf in ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]:
            renamed[f"cell.{leaf}"] = gates(tensors[f"lstm.{leaf}"])
        renamed["optimizer/step"] = torch.zeros(1)
        return renamed

    other = """
    # names here stand on the right
    words/table = layers.0.weight
    cell = layers.1 gates=iofg
    out/matrix = layers.2.weight transpose
    out/shift = layers.2.bias
    optimizer/step = -
    """
    same = lambda tensors: tensors
    return {
        "lenet": ("images", "lenet", LeNet, None, same),
        "lstm": ("texts.csv", "embedding 20 24, lstm 32 last=true", recurrent(), None, same),
        "lstm, two layers, both ways": ("texts.csv", "embedding 20 24, lstm 32 num_layers=2 bidirectional=true last=true",
                                        recurrent(num_layers=2, bidirectional=True), None, same),
        "lstm, with a map": ("texts.csv", "embedding 20 24, lstm 32 last=true", recurrent(), other, as_elsewhere),
        "transformer": ("texts.csv", "transformer: blocks=2", Transformer, None, same),
    }


def write_data(folder):
    dice = random.Random(5)
    at = lambda *names: os.path.join(folder, *names)
    with open(at("texts.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "kind"])
        for i in range(400):
            words = [dice.choice(WORDS) for _ in range(dice.randint(1, 14))]
            rows.writerow([" ".join(words) + f" {i}", "warm" if "lamp" in words or "gold" in words else "cold"])
    os.makedirs(at("images"))
    for part, count in [("train", 160), ("t10k", 80)]:
        labels = [dice.randrange(4) for _ in range(count)]
        image = lambda k: bytes(min(255, max(0, int(128 + 100 * math.sin((k + 1) * (x + y * (k % 2)) / 9) + dice.gauss(0, 20))))
                                for y in range(28) for x in range(28))
        with open(at("images", f"{part}-images-idx3-ubyte"), "wb") as file:
            file.write(struct.pack(">IIII", 0x803, count, 28, 28) + b"".join(image(k) for k in labels))
        with open(at("images", f"{part}-labels-idx1-ubyte"), "wb") as file:
            file.write(struct.pack(">II", 0x801, count) + bytes(labels))


def compare(torch, spusk, folder, number, case):
    data, layers, make, names, rename = case
    at = lambda end: os.path.join(folder, f"{number}{end}")
    with open(at(".toml"), "w") as file:
        target = 'target = "kind"\n' if data.endswith(".csv") else ""
        file.write(f'[data]\nsource = "{os.path.join(folder, data)}"\nstandardize = false\n{target}[model]\nlayers = "{layers}"\n')
    # The examples as the network gets them, and how many tokens there are.
    call([spusk, "train", at(".toml"), "--out", at("-first"), "--epochs", "1", "--quiet"])
    call([spusk, "export", at("-first"), "--onnx", at(".onnx"), "--examples", at("-first.safetensors"), "--rows", str(EXAMPLES)])
    first = load_tensors(at("-first.safetensors"))
    weights = load_tensors(os.path.join(at("-first"), "model.safetensors"))
    torch.manual_seed(4)
    net = make(weights["layers.0.weight"].shape[0])
    x = torch.tensor(next(values for name, values in first.items() if name not in ("outputs", "predictions")))
    y = torch.randint(first["outputs"].shape[1], (len(x),))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    net.eval()
    save_tensors(at(".safetensors"), rename(dict(net.state_dict())))
    words = [spusk, "import", at(".safetensors"), "--into", at(".toml"), "--out", at("-run"), "--format", "json"]
    if names:
        with open(at(".map"), "w") as file:
            file.write(names)
        words += ["--map", at(".map")]
    told = json.loads(call(words))
    call([spusk, "export", at("-run"), "--onnx", at(".onnx"), "--examples", at("-run.safetensors"), "--rows", str(EXAMPLES)])
    ours = load_tensors(at("-run.safetensors"))["outputs"]
    with torch.no_grad():
        want = net(x).numpy()
    return float(abs(ours - want).max() / abs(want).max()), len(told["tensors"])


def main():
    given = arguments(__doc__, "torch")
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed here; nothing was compared")
        return 0
    torch.set_num_threads(1)
    cases = networks(torch)
    wanted = [name for name in cases if not given.words or any(word in name for word in given.words)]
    bad = 0
    print(f"PyTorch {torch.__version__}; outputs for {EXAMPLES} held-out examples\n")
    print("| network | tensors | largest difference |")
    print("|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder)
        for number, name in enumerate(wanted):
            apart, tensors = compare(torch, os.path.abspath(given.spusk), folder, number, cases[name])
            fails = not apart <= TOLERANCE
            bad += fails
            print(f"| {name}{' — APART' if fails else ''} | {tensors} | {apart:.1e} |", flush=True)
    print(f"\n{len(wanted) - bad} of {len(wanted)} agree within {TOLERANCE:.0e}")
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
