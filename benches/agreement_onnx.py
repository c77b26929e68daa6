#!/usr/bin/env python3
"""Trains every network of the zoo a little, exports it to ONNX, and compares onnxruntime with Spusk.

    cargo build --release
    python3 benches/agreement_onnx.py [--python PATH] [--spusk PATH] [WORD ...]

Held-out examples (`spusk export … --examples`) go through onnxruntime in batches of 12, 1 and 2: outputs and
predictions have to agree within 1e-4, relative to the largest output or to 1. The data are made here. Words
choose the cases whose names contain one of them. Where there is no onnxruntime, it says so and exits 0.
"""
import csv
import datetime
import math
import os
import random
import struct
import sys
import tempfile
import zlib

from agreement import arguments, call, load_tensors

TOLERANCE = 1e-4
EXAMPLES = 12
WORDS = "tide moss iron lamp wolf sand kite rust fern gold salt pine".split()

# (name, data, more words for `spusk train`)
CASES = [
    ("mlp", "digits", ["--model", "mlp:64,32"]),
    ("every activation", "digits", ["--model", "dense 24, elu, dense 24, gelu, dense 24, silu, dense 24, softplus, "
                                    "dense 24, leaky_relu 0.1, dense 24, sigmoid, dense 24, tanh, maxout 12 pieces=3"]),
    ("every norm", "digits", ["--model", "dense 24, batch_norm, relu, dense 24, layer_norm, relu, dense 24, rms_norm, "
                              "relu, residual(dense 24, tanh)"]),
    ("numbers", "numbers.csv", ["--model", "dense 16, tanh", "--target", "wanted"]),
    ("quantiles", "numbers.csv", ["--model", "dense 16, tanh", "--target", "wanted", "--loss", "quantile [0.1, 0.5, 0.9]"]),
    ("lenet", "images", ["--model", "lenet"]),
    ("cnn", "images", ["--model", "cnn:2"]),
    ("resnet", "images", ["--model", "resnet depth=8 width=8"]),
    ("pooling", "images", ["--model", "conv2d 6 3 stride=2 padding=1 groups=1, relu, conv2d 12 3 dilation=2 groups=2, group_norm 3, "
                           "avg_pool 3 stride=2 padding=1, adaptive_avg_pool 2"]),
    ("autoencoder", "digits", ["--model", "autoencoder:8", "--task", "autoencode"]),
    ("conv_autoencoder", "images", ["--model", "conv_autoencoder:8", "--task", "autoencode"]),
    ("denoiser", "photos", ["--model", "denoiser depth=4 width=8", "--task", "denoise", "--patches", "64"]),
    ("upscaler", "photos", ["--model", "upscaler depth=4 width=8", "--task", "upscale", "--patches", "64"]),
    ("modular average", "digits", ["--model", "modular 3 average(dense 16, relu)"]),
    ("modular vote", "digits", ["--model", "modular 3 vote(dense 16, relu)"]),
    ("modular gate", "digits", ["--model", "modular 3 gate(dense 16, relu)"]),
    ("modular stack", "digits", ["--model", "modular 3 stack(dense 16, relu)"]),
    ("textcnn", "texts.csv", ["--model", "textcnn:8", "--target", "kind"]),
    ("lstm", "texts.csv", ["--model", "lstm:16", "--target", "kind"]),
    ("lstm, both ways", "texts.csv", ["--model", "lstm: hidden_size=12 num_layers=2 bidirectional=true", "--target", "kind"]),
    ("gru", "texts.csv", ["--model", "gru:16", "--target", "kind"]),
    ("rnn", "texts.csv", ["--model", "embedding 20 8, rnn 16 last=true", "--target", "kind"]),
    ("conv_lstm", "moving_digits:60", ["--model", "conv_lstm 6 3 bidirectional=true last=true, global_avg_pool"]),
    ("tcn", "texts.csv", ["--model", "tcn channels=8 blocks=3", "--target", "kind"]),
    ("transformer", "texts.csv", ["--model", "transformer: hidden_size=16 heads=2", "--target", "kind"]),
    ("causal attention", "texts.csv", ["--model", "embedding 20 8, attention heads=2 causal=true, last", "--target", "kind"]),
    ("forecast, linear", "series.csv", ["--task", "forecast", "--horizon", "5", "--model", "linear"]),
    ("forecast, dense", "series.csv", ["--task", "forecast", "--horizon", "5", "--model", "dense 16, relu"]),
    ("forecast, gru", "series.csv", ["--task", "forecast", "--horizon", "5", "--model", "gru 8 last=true"]),
]


def png(rows):
    """A color picture as bytes."""
    height, width = len(rows), len(rows[0]) // 3
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def write_data(folder):
    """Small data of every kind that the networks read."""
    dice = random.Random(5)
    at = lambda *names: os.path.join(folder, *names)
    with open(at("numbers.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "c", "wanted"])
        for _ in range(300):
            a, b, c = dice.gauss(3, 2), math.exp(dice.gauss(0, 3)), dice.uniform(-1, 1)
            rows.writerow([a, b, c, 40 * math.sin(a) + math.log(b) * c])
    with open(at("texts.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "kind"])
        for i in range(240):
            words = [dice.choice(WORDS) for _ in range(dice.randint(1, 14))]
            rows.writerow([" ".join(words) + f" {i}", "warm" if "lamp" in words or "gold" in words else "cold"])
    with open(at("series.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["day", "value"])
        for day in range(400):
            rows.writerow([str(datetime.date(2001, 1, 1) + datetime.timedelta(day)), 20 + 5 * math.sin(day / 7 * 2 * math.pi) + dice.gauss(0, 1)])
    os.makedirs(at("images"))
    for part, count in [("train", 160), ("t10k", 40)]:
        labels = [dice.randrange(4) for _ in range(count)]
        image = lambda k: bytes(min(255, max(0, int(128 + 100 * math.sin((k + 1) * (x + y * (k % 2)) / 9) + dice.gauss(0, 20))))
                                for y in range(28) for x in range(28))
        with open(at("images", f"{part}-images-idx3-ubyte"), "wb") as file:
            file.write(struct.pack(">IIII", 0x803, count, 28, 28) + b"".join(image(k) for k in labels))
        with open(at("images", f"{part}-labels-idx1-ubyte"), "wb") as file:
            file.write(struct.pack(">II", 0x801, count) + bytes(labels))
    os.makedirs(at("photos"))
    for number in range(6):
        wave = lambda y, x, c: int(128 + 90 * math.sin(x / (3 + number) + c) * math.cos(y / (4 + c)) + dice.gauss(0, 9))
        rows = [[min(255, max(0, wave(y, x, c))) for x in range(96) for c in range(3)] for y in range(96)]
        with open(at("photos", f"{number}.png"), "wb") as file:
            file.write(png(rows))


def compare(spusk, folder, case, number):
    """The largest difference of an output, against the largest output of its kind or 1; and the file's facts."""
    import numpy as np
    import onnx
    import onnxruntime
    _, data, words = case
    source = os.path.join(folder, data) if os.path.exists(os.path.join(folder, data)) else data
    run, file, examples = (os.path.join(folder, f"{number}{end}") for end in ["", ".onnx", ".safetensors"])
    call([spusk, "train", "--data", source, "--out", run, "--epochs", "2", "--threads", "1", "--quiet", *words])
    call([spusk, "export", run, "--onnx", file, "--examples", examples, "--rows", str(EXAMPLES)])
    onnx.checker.check_model(file, full_check=True)
    model = onnx.load(file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    given = load_tensors(examples)
    name, = [port.name for port in session.get_inputs()]
    x, worst = given.pop(name), 0.0
    for where in [slice(None), slice(0, 1), slice(3, 5)]:
        batch = x[where]
        found = dict(zip([port.name for port in session.get_outputs()], session.run(None, {name: batch})))
        for key, want in given.items():
            got = found[key].reshape(len(batch), -1)
            scale = max(1.0, float(abs(want).max()))
            apart = float(abs(got - want[where]).max()) / scale
            worst = max(worst, apart if math.isfinite(apart) else math.inf)
    kinds = sorted({node.op_type for node in model.graph.node})
    return worst, len(model.graph.node), os.path.getsize(file), kinds, name


def main():
    given = arguments(__doc__, "onnx and onnxruntime")
    try:
        import onnx
        import onnxruntime
    except ImportError:
        print("onnxruntime is not installed here; nothing was compared")
        return 0
    wanted = [case for case in CASES if not given.words or any(word in case[0] for word in given.words)]
    bad = 0
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}; {EXAMPLES} held-out examples\n")
    print("| network | input | nodes | bytes | largest difference |")
    print("|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder)
        for number, case in enumerate(wanted):
            try:
                worst, nodes, size, _, name = compare(os.path.abspath(given.spusk), folder, case, number)
            except (Exception, SystemExit) as error:
                print(f"| {case[0]} — FAILED: {error} | | | | |", flush=True)
                bad += 1
                continue
            fails = not worst <= TOLERANCE
            bad += fails
            print(f"| {case[0]}{' — APART' if fails else ''} | {name} | {nodes} | {size} | {worst:.1e} |", flush=True)
    print(f"\n{len(wanted) - bad} of {len(wanted)} agree within {TOLERANCE:.0e}")
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
