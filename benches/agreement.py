"""What the scripts share that compare Spusk with other programs."""
import argparse
import json
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def save_tensors(path, tensors):
    """Writes tensors or arrays by name as a safetensors file: f64 as it is, all else as f32."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().numpy() if hasattr(tensor, "detach") else tensor
        if values.dtype != "<f8":
            values = values.astype("<f4")
        begin = len(data)
        data += values.tobytes()
        dtype = {4: "F32", 8: "F64"}[values.itemsize]
        header[name] = dict(dtype=dtype, shape=list(values.shape), data_offsets=[begin, len(data)])
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def load_tensors(path):
    """The arrays of a safetensors file by name."""
    import numpy as np
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    kinds = {"F32": "<f4", "F64": "<f8"}
    return {name: np.frombuffer(data[slice(*found["data_offsets"])], kinds[found["dtype"]]).reshape(found["shape"])
            for name, found in header.items() if name != "__metadata__"}


def call(words):
    """What a program prints; ends with its complaint if it fails."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr.strip()}")
    return done.stdout


def arguments(doc, needs, binary="spusk", option="--spusk", more=lambda parser: None):
    """The command line: words that choose cases, the program, and an interpreter with `needs` to go on in."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--python", help=f"an interpreter that has {needs}")
    parser.add_argument(option, default=os.path.join(HERE, "..", "target", "release", binary))
    more(parser)
    given = parser.parse_args()
    if given.python:
        words = sys.argv[1:]
        for at, word in enumerate(words):
            if word == "--python":
                del words[at:at + 2]
                break
            if word.startswith("--python="):
                del words[at]
                break
        os.execv(given.python, [given.python, os.path.abspath(sys.argv[0])] + words)
    return given
