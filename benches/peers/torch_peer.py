"""PyTorch. Variants: eager, compile."""
import sys

import torch
from torch import nn

import common

torch.set_num_threads(int(sys.argv[3]))


def network(w):
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
    make = torch.optim.Adam if w["opt"] == "adam" else torch.optim.SGD
    optimizer = make(net.parameters(), lr=w["lr"])
    value = lambda x, y: loss(net(x), y)
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
