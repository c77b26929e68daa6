#!/usr/bin/env python3
"""Compares every layer that both have with PyTorch's: outputs and all gradients, on random shapes.

    cargo build --release -p spusk --example evaluate_layer
    python3 benches/agreement_layers.py [--python PATH] [--evaluate PATH] [--cases N] [WORD ...]

Each case draws sizes (odd ones, too), strides, dilations, paddings, groups, inputs, weights and the gradient of the
output. What the kernels of Spusk give in f32 has to be within 1e-4 of PyTorch's f32, and in f64 within 1e-9 of its f64:
the largest difference of a tensor, relative to its largest number. Words choose layers. Where there is no PyTorch,
it says so and exits 0.
"""
import os
import random
import subprocess
import sys
import tempfile

from agreement import arguments, load_tensors, save_tensors

TOLERANCE = {"f32": 1e-4, "f64": 1e-9}


def layers(torch):
    """name → maker of cases; a case is (spec, mode, shape of x, module, forward, names of parameters).

    Inputs have Spusk's order of axes: channels last. `forward` moves axes inside the graph, so gradients come back
    in Spusk's order, too.
    """
    from torch import nn

    first = lambda x: x.movedim(-1, 1)
    last = lambda y: y.movedim(1, -1)
    plain = lambda module: (lambda x: module(x))
    moved = lambda module: (lambda x: last(module(first(x))))

    def own(module, prefix="layers.0."):
        return {prefix + name: name for name, _ in module.named_parameters()}

    def case(spec, shape, module, forward=None, mode="eval", names=None, ids=None):
        names = own(module) if names is None else names
        return dict(spec=spec, mode=mode, shape=shape, module=module, forward=forward or plain(module), names=names, ids=ids)

    def images(dice, channels, least=1):
        return [dice.randint(1, 4), dice.randint(least, 13), dice.randint(least, 13), channels]

    def sequences(dice, channels, least=1):
        return [dice.randint(1, 5), dice.randint(least, 17), channels]

    def convolution(dice, axes, transposed):
        groups = dice.choice([1, 1, 2, 3])
        inputs, outputs = groups * dice.randint(1, 6), groups * dice.randint(1, 7)
        draw = lambda low, high: [dice.randint(low, high) for _ in range(axes)]
        kernel, stride, dilation = draw(1, 5), draw(1, 3), draw(1, 3)
        padding = [dice.randint(0, 3) for _ in range(axes)]
        bias = dice.random() < 0.8
        words = dict(kernel_size=kernel, stride=stride, padding=padding, dilation=dilation, groups=groups)
        more = {}
        if transposed:
            more["output_padding"] = [dice.randint(0, s - 1) for s in stride]
            least = [max(1, -(-(2 * p + 1 - d * (k - 1) - o) // s) + 2)
                     for k, s, p, d, o in zip(kernel, stride, padding, dilation, more["output_padding"])]
        else:
            least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel, padding, dilation)]
        words.update(more)
        size = [low + dice.randint(0, 9) for low in least]
        text = lambda value: str(value[0] if len(value) == 1 else value) if isinstance(value, list) else str(value)
        spec = " ".join(f"{key}={text(value)}" for key, value in words.items())
        name = f"conv_transpose{axes}d" if transposed else f"conv{axes}d"
        make = {("conv", 1): nn.Conv1d, ("conv", 2): nn.Conv2d, ("t", 1): nn.ConvTranspose1d, ("t", 2): nn.ConvTranspose2d}
        module = make["t" if transposed else "conv", axes](inputs, outputs, bias=bias, **words)
        spec = f"{name} {outputs} {spec} bias={'true' if bias else 'false'}"
        return case(spec, [dice.randint(1, 4), *size, inputs], module, moved(module))

    def recurrent(name, make):
        def draw(dice):
            hidden, count, both = dice.randint(1, 20), dice.randint(1, 2), dice.random() < 0.5
            shape = sequences(dice, dice.randint(1, 12))
            ends = dice.random() < 0.4
            module = make(shape[-1], hidden, num_layers=count, bidirectional=both, batch_first=True)

            def forward(x):
                y = module(x)[0]
                if not ends:
                    return y
                return torch.cat([y[:, -1, :hidden], y[:, 0, hidden:]], 1) if both else y[:, -1]

            word = lambda yes: "true" if yes else "false"
            spec = f"{name} {hidden} num_layers={count} bidirectional={word(both)} last={word(ends)}"
            return case(spec, shape, module, forward)
        return draw

    class ConvLstm(nn.Module):
        """The layer by its formulas: PyTorch has none. Gates in the order i, f, g, o."""

        def __init__(self, inputs, channels, kernel, layers, both):
            super().__init__()
            self.channels, self.layers, self.ends = channels, layers, ["", "_reverse"] if both else [""]
            self.pad = [side for k in reversed(kernel) for side in ((k - 1) // 2, k - 1 - (k - 1) // 2)]
            for layer in range(layers):
                for end in self.ends:
                    seen = inputs if layer == 0 else channels * len(self.ends)
                    shapes = dict(weight_ih=[seen, *kernel], weight_hh=[channels, *kernel], bias_ih=[], bias_hh=[])
                    for name, shape in shapes.items():
                        value = nn.Parameter(torch.randn(4 * channels, *shape) / 3)
                        self.register_parameter(f"{name}_l{layer}{end}", value)

        def conv(self, x, kind, end):
            weight, bias = getattr(self, f"weight_{kind}{end}"), getattr(self, f"bias_{kind}{end}")
            return nn.functional.conv2d(nn.functional.pad(x, self.pad), weight, bias)

        def direction(self, pictures, end, reverse):
            h = c = torch.zeros_like(pictures[0])[:, :1].expand(-1, self.channels, -1, -1)
            found = []
            for x in reversed(pictures) if reverse else pictures:
                i, f, g, o = (self.conv(x, "ih", end) + self.conv(h, "hh", end)).chunk(4, 1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                found.append(h)
            return found[::-1] if reverse else found

        def forward(self, x, last):
            pictures = list(x.movedim(-1, 2).unbind(1))
            for layer in range(self.layers):
                ways = [self.direction(pictures, f"_l{layer}{end}", end != "") for end in self.ends]
                pictures = [torch.cat(both, 1) for both in zip(*ways)]
            if not last:
                return torch.stack(pictures, 1).movedim(2, -1)
            return torch.cat([way[end] for way, end in zip(ways, [-1, 0])], 1).movedim(1, -1)

    def conv_lstm(dice):
        channels, inputs, count = dice.randint(1, 9), dice.randint(1, 5), dice.randint(1, 2)
        kernel = [dice.randint(1, 4), dice.randint(1, 4)]
        both, ends = dice.random() < 0.5, dice.random() < 0.4
        shape = [dice.randint(1, 10), dice.randint(1, 6), dice.randint(1, 8), dice.randint(1, 8), inputs]
        module = ConvLstm(inputs, channels, kernel, count, both)
        word = lambda yes: "true" if yes else "false"
        spec = f"conv_lstm {channels} {kernel} num_layers={count} bidirectional={word(both)} last={word(ends)}"
        return case(spec, shape, module, lambda x: module(x, ends))

    def activation(spec, make):
        def draw(dice):
            text, module = spec, make
            if callable(spec):
                text, module = spec(dice)
            else:
                module = make()
            shape = [dice.randint(1, 6) for _ in range(dice.randint(1, 3))] + [dice.randint(2, 33)]
            return case(text, shape, module)
        return draw

    def slope(dice):
        value = round(dice.uniform(0, 0.9), 3)
        return f"leaky_relu {value}", nn.LeakyReLU(value)

    def alpha(dice):
        value = round(dice.uniform(0.2, 2), 3)
        return f"elu {value}", nn.ELU(value)

    def dense(dice):
        inputs, outputs, bias = dice.randint(1, 70), dice.randint(1, 70), dice.random() < 0.8
        shape = [dice.randint(1, 40)] + [dice.randint(1, 5) for _ in range(dice.randint(0, 1))] + [inputs]
        return case(f"dense {outputs} bias={'true' if bias else 'false'}", shape, nn.Linear(inputs, outputs, bias=bias))

    def maxout(dice):
        inputs, outputs, pieces = dice.randint(1, 20), dice.randint(1, 20), dice.randint(1, 4)
        module = nn.Linear(inputs, outputs * pieces)
        forward = lambda x: module(x).reshape(-1, pieces, outputs).max(1).values
        return case(f"maxout {outputs} {pieces}", [dice.randint(1, 20), inputs], module, forward)

    def embedding(dice):
        vocabulary, size = dice.randint(1, 50), dice.randint(1, 20)
        shape = [dice.randint(1, 8), dice.randint(1, 20)]
        module = nn.Embedding(vocabulary, size)
        return case(f"embedding {vocabulary} {size}", shape, module, lambda x: module(x.long()), ids=vocabulary)

    def batch_norm(mode):
        def draw(dice):
            eps, channels = dice.choice([1e-5, 1e-3]), dice.randint(1, 20)
            shape = dice.choice([[dice.randint(8, 40), channels], [dice.randint(3, 5), dice.randint(3, 9), channels],
                                 [dice.randint(2, 3), dice.randint(3, 6), dice.randint(3, 6), channels]])
            module = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)](channels, eps=eps)
            with torch.no_grad():
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
            module.train(mode == "train")
            names = own(module) | {"layers.0.running_mean": "running_mean", "layers.0.running_var": "running_var"}
            return case(f"batch_norm eps={eps}", shape, module, moved(module), mode, names)
        return draw

    def layer_norm(dice):
        eps, size = dice.choice([1e-5, 1e-3]), dice.randint(3, 40)
        shape = [dice.randint(1, 5) for _ in range(dice.randint(1, 3))] + [size]
        return case(f"layer_norm eps={eps}", shape, nn.LayerNorm(size, eps=eps))

    def rms_norm(dice):
        eps, size = dice.choice([1e-6, 1e-3]), dice.randint(2, 40)
        shape = [dice.randint(1, 5) for _ in range(dice.randint(1, 3))] + [size]
        return case(f"rms_norm eps={eps}", shape, nn.RMSNorm(size, eps=eps))

    def group_norm(dice):
        groups, eps = dice.randint(1, 4), dice.choice([1e-5, 1e-3])
        shape = dice.choice([images, sequences])(dice, groups * dice.randint(1, 5), 4)
        module = nn.GroupNorm(groups, shape[-1], eps=eps)
        return case(f"group_norm {groups} eps={eps}", shape, module, moved(module))

    def pool(name, one, two, **more):
        def draw(dice):
            kernel, stride = dice.randint(1, 4), dice.randint(1, 4)
            padding = dice.randint(0, kernel // 2)
            spec = f"{name} {kernel} stride={stride} padding={padding}"
            counted = {}
            if name == "avg_pool":
                counted["count_include_pad"] = dice.random() < 0.5
                spec += f" count_padding={'true' if counted['count_include_pad'] else 'false'}"
            kind = dice.choice([images, sequences])
            shape = kind(dice, dice.randint(1, 9), kernel)
            module = (two if kind is images else one)(kernel, stride=stride, padding=padding, **counted)
            return case(spec, shape, module, moved(module))
        return draw

    def adaptive(dice):
        size, kind = dice.randint(1, 7), dice.choice([images, sequences])
        module = (nn.AdaptiveAvgPool2d if kind is images else nn.AdaptiveAvgPool1d)(size)
        return case(f"adaptive_avg_pool {size}", kind(dice, dice.randint(1, 9)), module, moved(module))

    def whole(name, how):
        def draw(dice):
            shape = dice.choice([images, sequences])(dice, dice.randint(1, 9))
            return case(name, shape, nn.Identity(), lambda x: how(x.flatten(1, -2)))
        return draw

    def upsample(word):
        def draw(dice):
            scale, kind = dice.randint(1, 4), dice.choice([images, sequences])
            mode = {"nearest": "nearest", "bilinear": "bilinear" if kind is images else "linear"}[word]
            module = nn.Upsample(scale_factor=scale, mode=mode, **({} if word == "nearest" else dict(align_corners=False)))
            return case(f"upsample {scale} {word}", kind(dice, dice.randint(1, 7)), module, moved(module))
        return draw

    def pixel_shuffle(dice):
        scale = dice.randint(1, 3)
        module = nn.PixelShuffle(scale)
        return case(f"pixel_shuffle {scale}", images(dice, scale * scale * dice.randint(1, 4)), module, moved(module))

    def mask(causal, length, like):
        return torch.ones(length, length, dtype=torch.bool, device=like.device).triu(1) if causal else None

    def attention(causal):
        def draw(dice):
            heads = dice.randint(1, 4)
            shape = sequences(dice, heads * dice.randint(1, 9), 2)
            module = nn.MultiheadAttention(shape[-1], heads, batch_first=True)
            with torch.no_grad():
                module.in_proj_bias.normal_()
                module.out_proj.bias.normal_()
            forward = lambda x: module(x, x, x, need_weights=False, attn_mask=mask(causal, x.shape[1], x))[0]
            return case(f"attention heads={heads} causal={'true' if causal else 'false'}", shape, module, forward)
        return draw

    def transformer(dice):
        heads, expansion, causal = dice.randint(1, 4), dice.randint(1, 4), dice.random() < 0.5
        shape = sequences(dice, heads * dice.randint(2, 9), 2)
        module = nn.TransformerEncoderLayer(shape[-1], heads, expansion * shape[-1], 0.0, "gelu", batch_first=True,
                                            norm_first=True)
        spec = f"transformer heads={heads} expansion={expansion} causal={'true' if causal else 'false'}"
        return case(spec, shape, module, lambda x: module(x, src_mask=mask(causal, x.shape[1], x)))

    return {
        "dense": dense,
        "maxout": maxout,
        "conv1d": lambda dice: convolution(dice, 1, False),
        "conv2d": lambda dice: convolution(dice, 2, False),
        "conv_transpose1d": lambda dice: convolution(dice, 1, True),
        "conv_transpose2d": lambda dice: convolution(dice, 2, True),
        "max_pool": pool("max_pool", nn.MaxPool1d, nn.MaxPool2d),
        "avg_pool": pool("avg_pool", nn.AvgPool1d, nn.AvgPool2d),
        "adaptive_avg_pool": adaptive,
        "global_avg_pool": whole("global_avg_pool", lambda x: x.mean(1)),
        "global_max_pool": whole("global_max_pool", lambda x: x.max(1).values),
        "upsample nearest": upsample("nearest"),
        "upsample bilinear": upsample("bilinear"),
        "pixel_shuffle": pixel_shuffle,
        "embedding": embedding,
        "batch_norm, training": batch_norm("train"),
        "batch_norm, evaluation": batch_norm("eval"),
        "layer_norm": layer_norm,
        "group_norm": group_norm,
        "rms_norm": rms_norm,
        "rnn": recurrent("rnn", nn.RNN),
        "lstm": recurrent("lstm", nn.LSTM),
        "gru": recurrent("gru", nn.GRU),
        "conv_lstm": conv_lstm,
        "attention": attention(False),
        "attention, causal": attention(True),
        "transformer": transformer,
        "relu": activation("relu", nn.ReLU),
        "leaky_relu": activation(slope, None),
        "elu": activation(alpha, None),
        "gelu": activation("gelu", nn.GELU),
        "gelu, tanh": activation("gelu tanh=true", lambda: nn.GELU("tanh")),
        "sigmoid": activation("sigmoid", nn.Sigmoid),
        "silu": activation("silu", nn.SiLU),
        "softplus": activation("softplus", nn.Softplus),
        "tanh": activation("tanh", nn.Tanh),
        "softmax": activation("softmax", lambda: nn.Softmax(-1)),
    }


def theirs(torch, case, dtype):
    """What PyTorch gives, by the names of the file of results; and what it was given."""
    module = case["module"].to(dtype)
    x = case["x"].to(dtype).requires_grad_(case["ids"] is None)
    y = case["forward"](x)
    if "dy" not in case:
        case["dy"] = torch.randn(y.shape, dtype=torch.float32)
    dy = case["dy"].to(dtype)
    parameters = dict(module.named_parameters())
    buffers = dict(module.named_buffers())
    given = {"x": x, "dy": dy} | {ours: (parameters | buffers)[name] for ours, name in case["names"].items()}
    named = [(ours, parameters[name]) for ours, name in case["names"].items() if name in parameters]
    wanted = ([] if case["ids"] else [x]) + [p for _, p in named]
    gradients = torch.autograd.grad(y, wanted, dy) if wanted else []
    labels = ([] if case["ids"] else ["dx"]) + [f"d {ours}" for ours, _ in named]
    array = lambda tensor: tensor.detach().contiguous().numpy()
    return ({"y": array(y)} | {label: array(g) for label, g in zip(labels, gradients)},
            {name: array(tensor).copy() for name, tensor in given.items()})


def main():
    cases = lambda parser: parser.add_argument("--cases", type=int, default=30, help="for each layer")
    given = arguments(__doc__, "torch", "examples/evaluate_layer", "--evaluate", cases)
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed here; nothing was compared")
        return 0
    torch.set_num_threads(1)
    torch.manual_seed(3)
    wanted = {name: make for name, make in layers(torch).items()
              if not given.words or any(word in name for word in given.words)}
    dtypes = {"f32": torch.float32, "f64": torch.float64}
    with tempfile.TemporaryDirectory() as folder:
        compared, lines = [], []
        for name, make in wanted.items():
            dice = random.Random(name)
            for number in range(given.cases):
                case = make(dice)
                case["x"] = (torch.randint(case["ids"], case["shape"]).float() if case["ids"]
                             else torch.randn(case["shape"]))
                for precision, dtype in dtypes.items():
                    label = f"{name.replace(' ', '-').replace(',', '')}-{number}-{precision}"
                    want, tensors = theirs(torch, case, dtype)
                    save_tensors(os.path.join(folder, f"{label}.in.safetensors"), tensors)
                    lines.append(f"{label} {case['mode']} {precision} {case['spec']}")
                    compared.append((name, precision, label, case["spec"], want))
        with open(os.path.join(folder, "cases.txt"), "w") as file:
            file.write("\n".join(lines) + "\n")
        done = subprocess.run([given.evaluate, folder], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        worst, bad = {}, []
        for name, precision, label, spec, want in compared:
            got = load_tensors(os.path.join(folder, f"{label}.out.safetensors"))
            for key, values in want.items():
                if values.shape != got[key].shape:
                    raise SystemExit(f"{label}: {spec}: {key} has shape {got[key].shape}, PyTorch {values.shape}")
                apart = abs(got[key] - values).max() / abs(values).max() if abs(values).max() else abs(got[key]).max()
                worst[name, precision] = max(worst.get((name, precision), 0.0), float(apart))
                if not apart <= TOLERANCE[precision]:
                    bad.append(f"{label}: {spec}: {key} of {values.shape} is {apart:.1e} apart")
    print(f"PyTorch {torch.__version__}; outputs and all gradients; largest difference relative to a tensor's largest number\n")
    print("| layer | cases | f32 | f64 |")
    print("|---|---:|---:|---:|")
    for name in wanted:
        print(f"| {name} | {given.cases} | {worst[name, 'f32']:.1e} | {worst[name, 'f64']:.1e} |")
    print("\n" + ("\n".join(bad) or f"all agree within {TOLERANCE['f32']:.0e} (f32) and {TOLERANCE['f64']:.0e} (f64)"))
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
