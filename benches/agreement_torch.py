#!/usr/bin/env python3
"""Trains the same networks with Spusk and with PyTorch, and compares them step by step.

    cargo build --release
    python3 benches/agreement_torch.py [--python PATH] [--spusk PATH] [WORD ...]

From the same initial weights (`--init`), over the same batches in the same order (`--shuffle off`), 50 steps
on one thread in f32: the loss of every step has to agree within 1e-4 relative, and every weight at the
end within 1e-4 of its tensor's largest. Every optimizer, schedule and loss that both have. Words
choose the cases whose names contain one of them. Where there is no PyTorch, it says so and exits 0.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

from agreement import arguments, load_tensors, save_tensors

ROWS, BATCH, EPOCHS = 160, 16, 5
STEPS = ROWS // BATCH * EPOCHS
TOLERANCE = 1e-4
CLASSES = ["ant", "bee", "cat"]
USUAL = "dense 12, tanh"


def cases(torch):
    """(name, Spusk's settings, how PyTorch says it): data, loss, optimizer, schedule, network, clipping."""
    from torch import nn, optim
    from torch.nn import functional as F
    from torch.optim import lr_scheduler as schedules

    def case(name, flags, data="numbers", loss=F.mse_loss, optimizer=None, rate=0.05, schedule=None,
             layers=None, clip=None, outputs=None):
        return dict(name=name, flags=flags, data=data, loss=loss, rate=rate, schedule=schedule, clip=clip,
                    optimizer=optimizer or (lambda p: optim.SGD(p, lr=rate)), layers=layers, outputs=outputs)

    def optimizers():
        table = [
            ("sgd", optim.SGD, 0.05, {}),
            ("sgd momentum=0.9", optim.SGD, 0.02, dict(momentum=0.9)),
            ("sgd momentum=0.9 nesterov", optim.SGD, 0.02, dict(momentum=0.9, nesterov=True)),
            ("rmsprop", optim.RMSprop, 0.003, {}),
            ("rmsprop momentum=0.5", optim.RMSprop, 0.002, dict(momentum=0.5)),
            ("rmsprop centered", optim.RMSprop, 0.003, dict(centered=True)),
            ("adagrad", optim.Adagrad, 0.03, {}),
            ("adagrad initial=0.1", optim.Adagrad, 0.03, dict(initial_accumulator_value=0.1)),
            ("adadelta", optim.Adadelta, 1.0, {}),
            ("adam", optim.Adam, 0.005, {}),
            ("adam beta1=0.8 beta2=0.99", optim.Adam, 0.005, dict(betas=(0.8, 0.99))),
            ("adamw", optim.AdamW, 0.005, {}),
            ("adamw weight_decay=0.3", optim.AdamW, 0.005, dict(weight_decay=0.3)),
            ("nadam", optim.NAdam, 0.005, {}),
            ("radam", optim.RAdam, 0.005, {}),
        ]
        for written, make, rate, more in table:
            for data, loss, named in [("numbers", F.mse_loss, "mse"), ("classes", F.cross_entropy, "cross_entropy")]:
                yield case(f"{written}, {named}", ["--optimizer", written, "--loss", named], data, loss,
                           lambda p, make=make, rate=rate, more=more: make(p, lr=rate, **more), rate)

    def one_hot(labels):
        return F.one_hot(labels, len(CLASSES)).float()

    def quantile(shares):
        q = torch.tensor(shares)
        return lambda y, t: torch.maximum(q * (t - y), (q - 1) * (t - y)).mean()

    weights = [0.5, 2.0, 1.25]
    losses = [
        ("mae", "numbers", F.l1_loss, None),
        ("huber", "numbers", F.huber_loss, None),
        ("huber 0.3", "numbers", lambda y, t: F.huber_loss(y, t, delta=0.3), None),
        ("log_cosh", "numbers", lambda y, t: (F.softplus(-2 * (y - t)) + (y - t) - math.log(2)).mean(), None),
        ("quantile [0.8]", "numbers", quantile([0.8]), None),
        ("quantile [0.1, 0.5, 0.9]", "numbers", quantile([0.1, 0.5, 0.9]), 3),
        ("cross_entropy label_smoothing=0.1", "classes", lambda y, t: F.cross_entropy(y, t, label_smoothing=0.1), None),
        (f"cross_entropy class_weights={weights}", "classes",
         lambda y, t: F.cross_entropy(y, t, weight=torch.tensor(weights)), None),
        (f"cross_entropy label_smoothing=0.2 class_weights={weights}", "classes",
         lambda y, t: F.cross_entropy(y, t, weight=torch.tensor(weights), label_smoothing=0.2), None),
        ("binary_cross_entropy", "yes or no", lambda y, t: F.binary_cross_entropy_with_logits(y[:, 0], t.float()), 1),
        ("binary_cross_entropy pos_weight=[3]", "yes or no",
         lambda y, t: F.binary_cross_entropy_with_logits(y[:, 0], t.float(), pos_weight=torch.tensor(3.0)), 1),
        ("binary_cross_entropy", "classes", lambda y, t: F.binary_cross_entropy_with_logits(y, one_hot(t)), None),
        ("hinge", "classes", F.multi_margin_loss, None),
        ("hinge 0.5", "classes", lambda y, t: F.multi_margin_loss(y, t, margin=0.5), None),
        ("kl_divergence", "classes",
         lambda y, t: F.kl_div(F.log_softmax(y, 1), one_hot(t), reduction="batchmean"), None),
    ]
    yield from optimizers()
    for written, data, loss, outputs in losses:
        yield case(f"{written}, {data}", ["--optimizer", "sgd", "--loss", written], data, loss, outputs=outputs)

    half = int(STEPS * 0.5)
    for written, schedule in [
        ("cosine", lambda o: schedules.CosineAnnealingLR(o, STEPS)),
        ("cosine cycles=2", lambda o: schedules.CosineAnnealingWarmRestarts(o, half)),
        ("exponential end=0.1", lambda o: schedules.ExponentialLR(o, 0.1 ** (1 / STEPS))),
        ("linear", lambda o: schedules.LinearLR(o, 1.0, 0.0, STEPS)),
        ("step gamma=0.3 at=[0.5, 0.8]", lambda o: schedules.MultiStepLR(o, [half, int(STEPS * 0.8)], 0.3)),
        ("one_cycle", lambda o: schedules.OneCycleLR(o, 0.05, STEPS, cycle_momentum=False)),
    ]:
        yield case(written, ["--optimizer", "sgd", "--schedule", written], schedule=schedule)

    for written, layers in [
        ("dense 12, relu", lambda i, o: [nn.Linear(i, 12), nn.ReLU(), nn.Linear(12, o)]),
        ("dense 12, leaky_relu 0.1", lambda i, o: [nn.Linear(i, 12), nn.LeakyReLU(0.1), nn.Linear(12, o)]),
        ("dense 12, elu, dense 8, silu", lambda i, o: [
            nn.Linear(i, 12), nn.ELU(), nn.Linear(12, 8), nn.SiLU(), nn.Linear(8, o)]),
        ("dense 12, sigmoid, dense 8, softplus", lambda i, o: [
            nn.Linear(i, 12), nn.Sigmoid(), nn.Linear(12, 8), nn.Softplus(), nn.Linear(8, o)]),
        ("dense 12, layer_norm, gelu", lambda i, o: [nn.Linear(i, 12), nn.LayerNorm(12), nn.GELU(), nn.Linear(12, o)]),
        ("dense 12, batch_norm, tanh", lambda i, o: [nn.Linear(i, 12), nn.BatchNorm1d(12), nn.Tanh(), nn.Linear(12, o)]),
    ]:
        yield case(written, ["--optimizer", "sgd", "--model", written, "--loss", "cross_entropy"], "classes",
                   F.cross_entropy, layers=layers)

    sgd = lambda **more: lambda p: optim.SGD(p, lr=0.05, **more)
    yield case("clipped norm", ["--optimizer", "sgd", "--clip-norm", "0.3"],
               clip=lambda p: nn.utils.clip_grad_norm_(p, 0.3), optimizer=sgd())
    yield case("clipped values", ["--optimizer", "sgd", "--clip-value", "0.02"],
               clip=lambda p: nn.utils.clip_grad_value_(p, 0.02), optimizer=sgd())


def write_data(folder):
    """A CSV file for each kind of target. Numbers are written so that they read back to the same f32."""
    import numpy as np
    random = np.random.default_rng(7)
    x = random.standard_normal((ROWS, 5)).astype(np.float32)
    score = x @ random.standard_normal((5, 3)) + 0.5 * random.standard_normal((ROWS, 3))
    number = (np.sin(x[:, 0] * 1.5) + x[:, 1] * x[:, 2] + 0.1 * random.standard_normal(ROWS)).astype(np.float32)
    targets = {
        "numbers": [repr(float(v)) for v in number],
        "classes": [CLASSES[k] for k in score.argmax(1)],
        "yes or no": ["yes" if s > 0 else "no" for s in score[:, 0]],
    }
    for name, target in targets.items():
        with open(os.path.join(folder, f"{name}.csv"), "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["a", "b", "c", "d", "e", "wanted"])
            rows.writerows([repr(float(v)) for v in row] + [t] for row, t in zip(x, target))
    return x, targets


def run_spusk(spusk, folder, case, start, number):
    out = os.path.join(folder, f"run-{number}")
    init = os.path.join(folder, f"start-{number}.safetensors")
    save_tensors(init, start)
    words = [spusk, "train", "--data", os.path.join(folder, case["data"] + ".csv"), "--target", "wanted",
             "--init", init, "--out", out, "--shuffle", "off", "--standardize", "off", "--validation-fraction", "0",
             "--test-fraction", "0", "--early-stopping", "off", "--batch-size", str(BATCH), "--epochs", str(EPOCHS),
             "--learning-rate", str(case["rate"]), "--threads", "1", "--step-losses", "on", "--format", "json"]
    if "--model" not in case["flags"]:
        words += ["--model", USUAL]
    if "--schedule" not in case["flags"]:
        words += ["--schedule", "constant"]
    done = subprocess.run(words + case["flags"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{case['name']}: {done.stderr.strip()}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    with open(os.path.join(out, "preprocessing.json")) as file:
        target = json.load(file)["content"]["target"]
    losses = [line["loss"] for line in lines if line["event"] == "step"]
    return losses, load_tensors(os.path.join(out, "model.safetensors")), target


def network(torch, case, outputs):
    from torch import nn
    torch.manual_seed(1)
    make = case["layers"] or (lambda i, o: [nn.Linear(i, 12), nn.Tanh(), nn.Linear(12, o)])
    return nn.Sequential(*make(5, outputs))


def named(net):
    tensors = {f"layers.{name}": tensor for name, tensor in net.state_dict().items()}
    return {name: tensor for name, tensor in tensors.items() if not name.endswith("num_batches_tracked")}


def run_torch(torch, net, case, x, y):
    optimizer = case["optimizer"](net.parameters())
    schedule = case["schedule"](optimizer) if case["schedule"] else None
    losses = []
    for step in range(STEPS):
        first = step * BATCH % ROWS
        optimizer.zero_grad()
        loss = case["loss"](net(x[first:first + BATCH]), y[first:first + BATCH])
        loss.backward()
        if case["clip"]:
            case["clip"](net.parameters())
        optimizer.step()
        if schedule:
            schedule.step()
        losses.append(loss.item())
    return losses


def compare(torch, spusk, folder, case, number, x, targets):
    """The largest relative difference of a step's loss, and of a weight against its tensor's largest."""
    import numpy as np
    outputs = case["outputs"] or {"numbers": 1, "classes": 3, "yes or no": 2}[case["data"]]
    net = network(torch, case, outputs)
    ours, weights, target = run_spusk(spusk, folder, case, named(net), number)
    written = targets[case["data"]]
    if case["data"] == "numbers":
        column = target["columns"][0]
        scaled = (np.array([float(v) for v in written]) - column["mean"]) / column["std"]
        y = torch.tensor(scaled.astype(np.float32)[:, None])
    else:
        names = target["values"]
        y = torch.tensor([names.index(word) for word in written])
    theirs = run_torch(torch, net, case, torch.tensor(x), y)
    if len(ours) != STEPS:
        raise SystemExit(f"{case['name']}: {len(ours)} steps were told, expected {STEPS}")
    apart = max(abs(a - b) / abs(b) for a, b in zip(ours, theirs))
    end = {name: tensor.detach().numpy() for name, tensor in named(net).items()}
    if sorted(end) != sorted(weights):
        raise SystemExit(f"{case['name']}: tensors {sorted(weights)}, expected {sorted(end)}")
    weight = max(abs(weights[name] - end[name]).max() / abs(end[name]).max() for name in end)
    return apart, float(weight), theirs[0], theirs[-1]


def main():
    given = arguments(__doc__, "torch")
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed here; nothing was compared")
        return 0
    torch.set_num_threads(1)
    wanted = [case for case in cases(torch) if not given.words or any(word in case["name"] for word in given.words)]
    bad = 0
    print(f"PyTorch {torch.__version__}, {STEPS} steps; largest differences\n")
    print("| case | loss of a step | weight at the end | PyTorch's loss |")
    print("|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        x, targets = write_data(folder)
        for number, case in enumerate(wanted):
            loss, weight, first, last = compare(torch, given.spusk, folder, case, number, x, targets)
            fails = not (loss <= TOLERANCE and weight <= TOLERANCE)
            bad += fails
            print(f"| {case['name']}{' — APART' if fails else ''} | {loss:.1e} | {weight:.1e} | {first:.3f} → {last:.3f} |",
                  flush=True)
    print(f"\n{len(wanted) - bad} of {len(wanted)} agree within {TOLERANCE:.0e}")
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
