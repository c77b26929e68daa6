"""PyTorch. Variants: eager, compile (both with the optimizers that update all weights in one call)."""
import sys

import torch
import torch.nn.functional as F
from torch import nn

import common

torch.set_num_threads(int(sys.argv[3]))


def lenet(_w):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def normed(inputs, outputs, side, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = normed(inputs, outputs, 3, stride), normed(outputs, outputs, 3)
        self.around = normed(inputs, outputs, 1, stride) if inputs != outputs else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.around(x))


def resnet(_w):
    return nn.Sequential(normed(3, 16, 3), nn.ReLU(), *(Block(*block) for block in common.BLOCKS),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Recurrent(nn.Module):
    def __init__(self, w):
        super().__init__()
        kind = nn.LSTM if w["kind"] == "lstm" else nn.GRU
        self.embedding = nn.Embedding(w["words"], w["embedding"])
        self.cells = kind(w["embedding"], w["hidden"], batch_first=True)
        self.out = nn.Linear(w["hidden"], w["words"])

    def forward(self, x):
        return self.out(self.cells(self.embedding(x))[0])


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.inside, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.inside(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class Transformer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), Attention(width, heads))
        self.dense = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.dense(x)


class Gpt(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.embedding = nn.Embedding(w["words"], w["width"])
        self.positions = nn.Parameter(torch.randn(w["time"], w["width"]) * 0.02)
        blocks = (Transformer(w["width"], w["heads"]) for _ in range(w["layers"]))
        self.blocks = nn.Sequential(*blocks, nn.LayerNorm(w["width"]), nn.Linear(w["width"], w["words"], bias=False))

    def forward(self, x):
        return self.blocks(self.embedding(x) + self.positions)


KINDS = dict(lenet=lenet, resnet=resnet, lstm=Recurrent, gru=Recurrent, gpt=Gpt)


def network(w):
    if "kind" in w:
        return KINDS[w["kind"]](w)
    layers, sizes = [], w["sizes"]
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        # The usual initial weights are uniform in ±1/√fan_in.
        layers.append(nn.Linear(a, b))
        if i + 2 < len(sizes):
            layers.append(nn.ReLU() if w["act"] == "relu" else nn.Tanh())
    if w.get("last"):
        layers.append(nn.Sigmoid())
    return nn.Sequential(*layers)


def stepper(w, variant, net):
    loss = nn.CrossEntropyLoss() if w["loss"] == "ce" else nn.MSELoss()
    make, options = {
        "sgd": (torch.optim.SGD, {}), "momentum": (torch.optim.SGD, dict(momentum=0.9)),
        "adam": (torch.optim.Adam, {}), "adamw": (torch.optim.AdamW, dict(weight_decay=w.get("decay", 0.0))),
    }[w["opt"]]
    optimizer = make(net.parameters(), lr=w["lr"], fused=True, **options)
    # Of sequences, every place counts alike.
    rows = (lambda out, y: (out.flatten(0, -2), y.flatten())) if "time" in w else (lambda out, y: (out, y))
    value = lambda x, y: loss(*rows(net(x), y))
    if variant == "compile":
        value = torch.compile(value)

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        value(x, y).backward()
        optimizer.step()

    return step


def train(w, variant):
    step = stepper(w, variant, network(w))
    data = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in common.pool(w)]
    return common.clock(lambda i: step(*data[i % common.POOL]))


def forward(w, variant):
    net = network(w).eval()
    if variant == "compile":
        net = torch.compile(net)
    data = [torch.from_numpy(x) for x, _ in common.pool(w)]
    with torch.inference_mode():
        return common.clock(lambda i: net(data[i % common.POOL]))


def classifier(variant, x, y, test_x):
    net = network(common.WORKLOADS["W10"])
    step = stepper(common.WORKLOADS["W10"], variant, net)
    x, y, test_x = map(torch.from_numpy, (x, y, test_x))

    def classes():
        with torch.inference_mode():
            return net(test_x).argmax(1).numpy()

    def take(rows):
        rows = torch.from_numpy(rows)
        step(x[rows], y[rows])

    return take, lambda: None, classes


common.main("torch", train, forward, classifier)
