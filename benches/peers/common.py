"""What the Python peers share: the workloads, their data, the clock. A peer's file is called

    PYTHON benches/peers/NAME.py WORKLOAD VARIANT THREADS [MNIST]

and prints one JSON line. It offers `train(workload, variant)`, a function that takes one step and one that
waits for it, the same for `forward`, and for W10 `classifier(variant)`; what it lacks it leaves out.
"""
import gzip
import json
import os
import resource
import statistics
import sys
import time

import numpy as np

LAUNCHED = float(os.environ.get("BENCH_T0", time.time()))

# Dense networks: widths, activation, loss, batch, optimizer; `last` stands behind the last layer. The others have a
# `kind`: images are [channels, height, width] here, texts are numbers of words.
IMAGES = {"lenet": (1, 28, 28), "resnet": (3, 32, 32)}
# ResNet-20: three stages of three blocks. (channels in, channels out, stride) of each.
BLOCKS = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
WORKLOADS = {
    "W1": dict(sizes=[784, 128, 10], act="relu", loss="ce", batch=64, opt="sgd", lr=0.1),
    "W2": dict(sizes=[784, 512, 512, 10], act="relu", loss="ce", batch=128, opt="adam", lr=1e-3),
    "W3": dict(sizes=[2, 16, 16, 1], act="tanh", loss="mse", batch=32, opt="sgd", lr=0.1),
    "W7": dict(sizes=[784, 256, 64, 256, 784], act="relu", loss="mse", batch=128, opt="adam", lr=1e-3,
               last="sigmoid"),
    "W4": dict(kind="lenet", loss="ce", batch=64, opt="momentum", lr=0.01),
    "W5": dict(kind="resnet", loss="ce", batch=32, opt="momentum", lr=0.1),
    "W6": dict(kind="lstm", loss="ce", batch=32, opt="adam", lr=1e-3, words=65, embedding=128, hidden=256, time=64),
    "W6b": dict(kind="gru", loss="ce", batch=32, opt="adam", lr=1e-3, words=65, embedding=128, hidden=256, time=64),
    "W8": dict(kind="gpt", loss="ce", batch=16, opt="adamw", lr=3e-4, decay=0.01, words=65, width=128, heads=4,
               layers=4, time=128),
    "W9-lenet": dict(kind="lenet", loss="ce", batch=1, opt="momentum", lr=0.01),
    "W9-mlp": dict(sizes=[784, 512, 512, 10], act="relu", loss="ce", batch=1, opt="adam", lr=1e-3),
    "W10": dict(sizes=[784, 256, 128, 10], act="relu", loss="ce", batch=128, opt="adam", lr=1e-3),
}
POOL = 32
MAX_EPOCHS = 40
ENOUGH = 0.975


def pool(w):
    """32 batches."""
    r, out = np.random.default_rng(0), []
    for _ in range(POOL):
        kind = w.get("kind")
        if kind in IMAGES:
            out.append((r.random((w["batch"], *IMAGES[kind]), dtype=np.float32), r.integers(0, 10, w["batch"])))
            continue
        if kind:
            out.append(tuple(r.integers(0, w["words"], (2, w["batch"], w["time"]))))
            continue
        x = r.random((w["batch"], w["sizes"][0]), dtype=np.float32)
        if w["loss"] == "ce":
            y = r.integers(0, w["sizes"][-1], w["batch"])
        elif w["sizes"][0] == w["sizes"][-1]:
            y = x
        else:
            y = np.sin(x[:, :1] * 2 + x[:, 1:]).astype(np.float32)
        out.append((x, y))
    return out


def uniform(r, fan_in, *shape):
    return (r.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(np.float32)


def clock(step, sync=lambda: None, steps_a_call=1, warm=1.5, run=3.0):
    """Median over blocks of the microseconds a step."""
    step(0)
    sync()
    start, n = time.perf_counter(), 1
    while n < 4 or time.perf_counter() - start < warm:
        step(n)
        n += 1
    sync()
    block = max(1, int(0.03 / max((time.perf_counter() - start) / n, 1e-7)))
    times, end = [], time.perf_counter() + run
    while len(times) < 15 or time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(block):
            step(n)
            n += 1
        sync()
        times.append((time.perf_counter() - begin) / block / steps_a_call * 1e6)
        if time.perf_counter() > end + 20:
            break
    return statistics.median(times)


def mnist(folder):
    """(features, labels) of the training and of the test part; features flat, in 0..1."""
    def part(name, kind, skip):
        with gzip.open(os.path.join(folder, f"{name}-{kind}.gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=skip)

    for name in ("train", "t10k"):
        x = part(name, "images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / np.float32(255)
        yield x, part(name, "labels-idx1-ubyte", 8).astype(np.int64)


def whole_process(make, folder):
    """W10: `make(x, y, test_x)` gives a step over row numbers, a wait, and the test rows' classes."""
    (x, y), (test_x, test_y) = mnist(folder)
    step, sync, classes = make(x, y, test_x)
    order = np.random.default_rng(0)
    cold, reached, epochs, batch = None, None, [], WORKLOADS["W10"]["batch"]
    for _ in range(MAX_EPOCHS):
        begin, rows = time.time(), order.permutation(len(x))
        for at in range(0, len(x) - batch + 1, batch):
            step(rows[at:at + batch])
            if cold is None:
                sync()
                cold = time.time() - LAUNCHED
        accuracy = float((classes() == test_y).mean())
        epochs.append(time.time() - begin)
        if accuracy >= ENOUGH:
            reached = time.time() - LAUNCHED
            break
    return dict(cold_start_s=cold, epoch_s=statistics.median(epochs), seconds_to_975=reached)


def main(peer, train=None, forward=None, classifier=None):
    workload, variant, _threads = sys.argv[1:4]
    if workload == "W10":
        found = whole_process(lambda *data: classifier(variant, *data), sys.argv[4])
    else:
        found = dict(median_step_us=(forward if workload.startswith("W9") else train)(WORKLOADS[workload], variant))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(peer=peer, workload=workload, peak_rss_mb=round(peak, 1), **found)))
