#!/usr/bin/env python3
"""Times training steps of Spusk and of its peers side by side, and prints the ratios.

    cargo build --release
    python3 benches/compare.py [W1 W2 W3 W7] [--threads 2] [--repeats 3]
                               [--python PATH]...   # interpreters that have torch or jax

Every figure comes from a process of its own; peers and Spusk take turns, and medians over the
repeats are compared. Shapes, losses, optimizers and initial weights (uniform in +-1/sqrt(fan_in)) are
those of `spusk bench`; every program walks through 32 batches that are in memory.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

WORKLOADS = {
    "W1": dict(sizes=[784, 128, 10], act="relu", loss="ce", batch=64, opt="sgd", lr=0.1),
    "W2": dict(sizes=[784, 512, 512, 10], act="relu", loss="ce", batch=128, opt="adam", lr=1e-3),
    "W3": dict(sizes=[2, 16, 16, 1], act="tanh", loss="mse", batch=32, opt="sgd", lr=0.1),
    "W7": dict(sizes=[784, 256, 64, 256, 784], act="relu", loss="mse", batch=128, opt="adam", lr=1e-3,
               last="sigmoid"),
}
POOL = 32
PEERS = {"torch": "torch", "jax-jit": "jax", "jax-scan": "jax"}


def pool(w):
    import numpy as np
    r, out = np.random.default_rng(0), []
    for _ in range(POOL):
        x = r.random((w["batch"], w["sizes"][0]), dtype=np.float32)
        if w["loss"] == "ce":
            y = r.integers(0, w["sizes"][-1], w["batch"])
        elif w["sizes"][0] == w["sizes"][-1]:
            y = x
        else:
            y = np.sin(x[:, :1] * 2 + x[:, 1:]).astype(np.float32)
        out.append((x, y))
    return out


def clock(step, sync, steps_a_call=1, warm=1.5, run=3.0):
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


def run_torch(w, threads):
    import torch
    from torch import nn
    torch.set_num_threads(threads)
    layers, sizes = [], w["sizes"]
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i + 2 < len(sizes):
            layers.append(nn.ReLU() if w["act"] == "relu" else nn.Tanh())
    if w.get("last"):
        layers.append(nn.Sigmoid())
    net = nn.Sequential(*layers)
    loss = nn.CrossEntropyLoss() if w["loss"] == "ce" else nn.MSELoss()
    make = torch.optim.Adam if w["opt"] == "adam" else torch.optim.SGD
    optimizer = make(net.parameters(), lr=w["lr"])
    data = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in pool(w)]

    def step(i):
        x, y = data[i % POOL]
        optimizer.zero_grad(set_to_none=True)
        loss(net(x), y).backward()
        optimizer.step()

    return clock(step, lambda: None)


def run_jax(w, scan):
    import jax
    import jax.numpy as jnp
    import numpy as np
    r, sizes = np.random.default_rng(0), w["sizes"]
    u = lambda fan, *s: jnp.asarray(r.uniform(-1, 1, s).astype(np.float32) / np.sqrt(fan))
    params = [(u(a, a, b), u(a, b)) for a, b in zip(sizes, sizes[1:])]
    act = jax.nn.relu if w["act"] == "relu" else jnp.tanh

    def loss(p, x, y):
        for k, b in p[:-1]:
            x = act(x @ k + b)
        x = x @ p[-1][0] + p[-1][1]
        if w.get("last"):
            x = jax.nn.sigmoid(x)
        if w["loss"] == "mse":
            return ((x - y) ** 2).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1).mean()

    tm, lr = jax.tree.map, w["lr"]

    def update(carry, batch):
        p, m, v, t = carry
        value, g = jax.value_and_grad(loss)(p, *batch)
        if w["opt"] == "sgd":
            return (tm(lambda a, b: a - lr * b, p, g), m, v, t), value
        t = t + 1
        m = tm(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = tm(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        k1, k2 = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
        p = tm(lambda a, b, d: a - lr * (b * k1) / (jnp.sqrt(d * k2) + 1e-8), p, m, v)
        return (p, m, v, t), value

    zeros = tm(jnp.zeros_like, params)
    state = [(params, zeros, tm(jnp.zeros_like, params), jnp.float32(0))]
    data = pool(w)
    xs, ys = (jnp.asarray(np.stack(part)) for part in zip(*data))
    if scan:
        many = jax.jit(lambda c: jax.lax.scan(update, c, (xs, ys)), donate_argnums=0)

        def step(_):
            state[0], _losses = many(state[0])

        return clock(step, lambda: jax.block_until_ready(state[0]), POOL)
    once = jax.jit(lambda c, x, y: update(c, (x, y)), donate_argnums=0)
    batches = [(xs[i], ys[i]) for i in range(POOL)]

    def step(i):
        state[0], _loss = once(state[0], *batches[i % POOL])

    return clock(step, lambda: jax.block_until_ready(state[0]))


def child(peer, workload, threads):
    w = WORKLOADS[workload]
    us = run_torch(w, threads) if peer == "torch" else run_jax(w, peer == "jax-scan")
    print(json.dumps({"peer": peer, "workload": workload, "median_step_us": us}))


def measure(command, threads):
    env = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        env[name] = str(threads)
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        command = ["taskset", "-c", "0"] + command
    out = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    lines = [line for line in out.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1])["median_step_us"] if lines else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--spusk", default=os.path.join(os.path.dirname(__file__), "..", "target", "release", "spusk"))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return child(given.child[0], given.child[1], int(given.child[2]))
    peers = {}
    for peer, module in PEERS.items():
        for python in given.python + [sys.executable]:
            has = subprocess.run([python, "-c", f"import {module}, numpy"], capture_output=True)
            if has.returncode == 0:
                peers[peer] = python
                break
        else:
            print(f"{peer}: skipped, no interpreter has {module}", file=sys.stderr)
    print(f"microseconds a step, {given.threads} threads, median of {given.repeats} (times as long as Spusk)\n")
    print("| workload | spusk | " + " | ".join(peers) + " |")
    print("|---|---:|" + "---:|" * len(peers))
    for workload in given.workloads or WORKLOADS:
        found = {"spusk": []} | {peer: [] for peer in peers}
        for _ in range(given.repeats):
            spusk = [given.spusk, "bench", workload, "--threads", str(given.threads), "--format", "json"]
            found["spusk"].append(measure(spusk, given.threads))
            for peer, python in peers.items():
                command = [python, os.path.abspath(__file__), "--child", peer, workload, str(given.threads)]
                found[peer].append(measure(command, given.threads))
        middle = {name: statistics.median([t for t in times if t] or [float("nan")])
                  for name, times in found.items()}
        ours = middle.pop("spusk")
        cells = [f"{time:.1f} ({time / ours:.2f}×)" for time in middle.values()]
        print(f"| {workload} | {ours:.1f} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
