#!/usr/bin/env python3
"""Times Spusk and its peers side by side, and prints the ratios beside the bars.

    cargo build --release
    python3 benches/compare.py [W1 W2 … W10 memory] [--threads 2] [--repeats 3]
                               [--python PATH]...       # interpreters that have peers
                               [--rust DIR]             # binaries candle-bench and burn-bench
                               [--mnist DIR]            # the four .gz files, for W10
                               [--peers torch jax-scan] # only these

Every figure comes from a process of its own; in every repeat Spusk and the peers take turns, and medians
over the repeats are compared. Shapes, losses, optimizers and initial weights (uniform in
+-1/sqrt(fan_in)) are those of `spusk bench`; every program walks through 32 batches that are in
memory. W10 is a whole process: it reads MNIST, trains, and ends at 97.5 % of the test examples.
A peer that is not installed, or lacks a workload, has a dash.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))

# Name: the file in peers/ and its variant, the modules that it needs.
PYTHON_PEERS = {
    "torch": ("torch_peer.py", "eager", "torch"),
    "torch-compile": ("torch_peer.py", "compile", "torch"),
    "jax-jit": ("jax_peer.py", "jit", "jax"),
    "jax-scan": ("jax_peer.py", "scan", "jax"),
    "keras": ("keras_peer.py", "graph", "keras, tensorflow"),
    "keras-xla": ("keras_peer.py", "xla", "keras, tensorflow"),
    "onnxruntime": ("onnxruntime_peer.py", "", "onnxruntime, onnx"),
}
RUST_PEERS = {"candle": "candle-bench", "burn": "burn-bench"}

TRAINING = [name for name in [*PYTHON_PEERS, *RUST_PEERS] if name != "onnxruntime"]
WHOLE = [name for name in TRAINING if name not in ("jax-scan", "torch-compile", "keras-xla")]
STEP = "median_step_us"
# Name: what runs, who takes part, and for each figure: its title, its key, its unit, the bars. A bar is how many
# times as long a peer (or the best of all) has to take, or `at most` a number.
ROWS = {
    "W1": ("W1", TRAINING, [("W1", STEP, "µs", {"jax-scan": 1.1, "jax-jit": 2.0})]),
    "W2": ("W2", TRAINING, [("W2", STEP, "µs", {"jax-scan": 1.15, "torch": 2.2})]),
    "W3": ("W3", TRAINING, [("W3", STEP, "µs", {"jax-scan": 2.5, "torch": 50.0})]),
    "W4": ("W4", TRAINING, [("W4", STEP, "µs", {"best": 2.5})]),
    "W5": ("W5", TRAINING, [("W5", STEP, "µs", {"best": 1.6})]),
    "W6": ("W6", TRAINING, [("W6", STEP, "µs", {"best": 1.15})]),
    "W6b": ("W6b", TRAINING, [("W6b", STEP, "µs", {"best": 2.2})]),
    "W7": ("W7", TRAINING, [("W7", STEP, "µs", {"jax-scan": 1.15})]),
    "W9-mlp": ("W9-mlp", [name for name in [*PYTHON_PEERS, *RUST_PEERS] if name != "jax-scan"],
               [("W9-mlp", STEP, "µs", {"best": 1.3})]),
    "W9-lenet": ("W9-lenet", [name for name in [*PYTHON_PEERS, *RUST_PEERS] if name != "jax-scan"],
                 [("W9-lenet", STEP, "µs", {"best": 2.0})]),
    "W8": ("W8", TRAINING, [("W8", STEP, "µs", {"best": 1.5})]),
    "W10": ("W10", WHOLE, [("W10 an epoch", "epoch_s", "s", {"best": 1.3}),
                           ("W10 cold start", "cold_start_s", "s", {"best": 3.0}),
                           ("W10 to 97.5 %", "seconds_to_975", "s", {})]),
    "memory": ("W2", WHOLE, [("W2 peak memory", "peak_rss_mb", "MB", {"at most": 30.0})]),
}


def measure(command, threads):
    env = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        env[name] = str(threads)
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        command = ["taskset", "-c", "0"] + command
    env["BENCH_T0"] = str(time.time())
    try:
        out = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired:
        return {}
    lines = [line for line in out.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


def available(given):
    """What starts each peer that is installed: from a workload to a command."""
    found = {}
    for name, (file, variant, modules) in PYTHON_PEERS.items():
        for python in given.python + [sys.executable]:
            if subprocess.run([python, "-c", f"import {modules}, numpy"], capture_output=True).returncode == 0:
                path = os.path.join(HERE, "peers", file)
                found[name] = lambda w, python=python, path=path, variant=variant: [
                    python, path, w, variant, str(given.threads), *([given.mnist] if given.mnist else [])]
                break
    for name, binary in RUST_PEERS.items():
        path = os.path.join(given.rust or "", binary)
        if given.rust and os.path.exists(path):
            found[name] = lambda w, path=path: [path, w, str(given.threads)]
    for name in [*PYTHON_PEERS, *RUST_PEERS]:
        if name not in found:
            print(f"{name}: not installed", file=sys.stderr)
    return {name: start for name, start in found.items() if not given.peers or name in given.peers}


def spusk(given, workload):
    command = [given.spusk, "bench", workload, "--threads", str(given.threads), "--format", "json"]
    return command + (["--data", given.mnist] if workload == "W10" else [])


def judge(ours, theirs, bars):
    said = []
    for peer, bar in bars.items():
        if peer == "at most":
            said.append(f"{'met' if ours <= bar else 'MISSED'}: at most {bar:g}")
            continue
        time = min(theirs.values(), default=math.nan) if peer == "best" else theirs.get(peer, math.nan)
        ratio = time / ours
        verdict = "not measured" if math.isnan(ratio) else "met" if ratio >= bar else "MISSED"
        name = min(theirs, key=theirs.get) if peer == "best" and theirs else peer
        said.append(f"{verdict}: {ratio:.2f} of {bar:g} × ({name})")
    return "; ".join(said) or "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="WORKLOAD", help=", ".join(ROWS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--python", action="append", default=os.environ.get("SPUSK_PEER_PYTHONS", "").split())
    parser.add_argument("--rust", default=os.environ.get("SPUSK_PEER_BINARIES"))
    parser.add_argument("--mnist", default=os.environ.get("MNIST_DIR"))
    parser.add_argument("--peers", nargs="+")
    parser.add_argument("--spusk", default=os.path.join(HERE, "..", "target", "release", "spusk"))
    given = parser.parse_args()
    unknown = [row for row in given.rows if row not in ROWS]
    if unknown:
        parser.error(f"there is no workload {unknown[0]}; there are {', '.join(ROWS)}")
    peers = available(given)
    shown = [name for name in [*PYTHON_PEERS, *RUST_PEERS] if name in peers]
    print(f"{given.threads} threads, medians of {given.repeats}; in brackets: times as much as Spusk\n")
    print("| | spusk | " + " | ".join(shown) + " | bars |")
    print("|---|---:|" + "---:|" * len(shown) + "---|")
    for row in given.rows or ROWS:
        workload, takes_part, figures = ROWS[row]
        if workload == "W10" and not given.mnist:
            print("W10: skipped, --mnist DIR names the folder of the files", file=sys.stderr)
            continue
        runs = {"spusk": [], **{name: [] for name in shown if name in takes_part}}
        for _ in range(given.repeats):
            for name in runs:
                command = spusk(given, workload) if name == "spusk" else peers[name](workload)
                runs[name].append(measure(command, given.threads))
        for title, key, unit, bars in figures:
            middle = {name: statistics.median(values) for name, found in runs.items()
                      if (values := [run[key] for run in found if run.get(key) is not None])}
            ours = middle.pop("spusk", math.nan)
            cell = lambda name: f"{middle[name]:.4g} ({middle[name] / ours:.2f}×)" if name in middle else "–"
            print(f"| {title}, {unit} | {ours:.4g} | " + " | ".join(map(cell, shown)) +
                  f" | {judge(ours, middle, bars)} |", flush=True)


if __name__ == "__main__":
    main()
