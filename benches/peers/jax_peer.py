"""JAX. Variants: jit (a call a step), scan (32 steps a call)."""
import jax
import jax.numpy as jnp
import numpy as np

import common

tm = jax.tree.map


def dense(r, a, b):
    return jnp.asarray(common.uniform(r, a, a, b)), jnp.asarray(common.uniform(r, a, b))


def kernel(r, side, a, b):
    return jnp.asarray(common.uniform(r, side * side * a, side, side, a, b))


def conv(x, k, stride=1, pad="SAME"):
    return jax.lax.conv_general_dilated(x, k, (stride, stride), pad, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def chain(p, x):
    for k, b in p[:-1]:
        x = jax.nn.relu(x @ k + b)
    return x @ p[-1][0] + p[-1][1]


def lenet(_w, r):
    bias = lambda fan_in, n: jnp.asarray(common.uniform(r, fan_in, n))
    params = dict(first=(kernel(r, 5, 1, 6), bias(25, 6)), second=(kernel(r, 5, 6, 16), bias(150, 16)),
                  rest=[dense(r, a, b) for a, b in [(400, 120), (120, 84), (84, 10)]])

    def halve(x):
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def apply(p, x):
        x = halve(jax.nn.relu(conv(x, p["first"][0]) + p["first"][1]))
        x = halve(jax.nn.relu(conv(x, p["second"][0], pad="VALID") + p["second"][1]))
        return chain(p["rest"], x.reshape(len(x), -1))

    return params, apply


def resnet(_w, r):
    """Batch norm's running statistics are part of the result of `apply`, as the second value."""
    def normed(side, a, b):
        return dict(k=kernel(r, side, a, b), scale=jnp.ones(b), shift=jnp.zeros(b))

    def norm(p, x, stride=1, pad="SAME"):
        x = conv(x, p["k"], stride, pad)
        mean, square = x.mean((0, 1, 2)), x.var((0, 1, 2))
        return (x - mean) * (jax.lax.rsqrt(square + 1e-5) * p["scale"]) + p["shift"], (mean, square)

    blocks = [dict(first=normed(3, a, b), second=normed(3, b, b), **(dict(around=normed(1, a, b)) if a != b else {}))
              for a, b, _ in common.BLOCKS]
    params = dict(start=normed(3, 3, 16), blocks=blocks, out=dense(r, 64, 10))

    def apply(p, x):
        x, found = norm(p["start"], x)
        x, seen = jax.nn.relu(x), [found]
        for q, (_, _, stride) in zip(p["blocks"], common.BLOCKS):
            y, a = norm(q["first"], x, stride, [(1, 1), (1, 1)])
            y, b = norm(q["second"], jax.nn.relu(y))
            seen += [a, b]
            if "around" in q:
                x, found = norm(q["around"], x, stride, "VALID")
                seen.append(found)
            x = jax.nn.relu(x + y)
        return chain([p["out"]], x.mean((1, 2))), seen

    return params, apply


def recurrent(w, r):
    h, gates = w["hidden"], 4 if w["kind"] == "lstm" else 3
    start = jnp.asarray(r.standard_normal((w["words"], w["embedding"]), dtype=np.float32))
    bias = lambda: jnp.asarray(common.uniform(r, h, gates * h))
    params = dict(words=start, inside=jnp.asarray(common.uniform(r, h, w["embedding"], gates * h)), inside_bias=bias(),
                  again=jnp.asarray(common.uniform(r, h, h, gates * h)), again_bias=bias(), out=dense(r, h, w["words"]))

    def apply(p, x):
        def lstm(carry, a):
            h, c = carry
            i, f, g, o = jnp.split(a + h @ p["again"] + p["again_bias"], 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        def gru(h, a):
            (ra, za, na), (rb, zb, nb) = jnp.split(a, 3, -1), jnp.split(h @ p["again"] + p["again_bias"], 3, -1)
            z = jax.nn.sigmoid(za + zb)
            h = (1 - z) * jnp.tanh(na + jax.nn.sigmoid(ra + rb) * nb) + z * h
            return h, h

        zero = jnp.zeros((len(x), h))
        a = p["words"][x.T] @ p["inside"] + p["inside_bias"]
        _, out = jax.lax.scan(lstm, (zero, zero), a) if gates == 4 else jax.lax.scan(gru, zero, a)
        return chain([p["out"]], out).transpose(1, 0, 2)

    return params, apply


def gpt(w, r):
    d, heads = w["width"], w["heads"]
    norm = lambda: (jnp.ones(d), jnp.zeros(d))
    block = lambda: dict(before=norm(), inside=dense(r, d, 3 * d), out=dense(r, d, d), between=norm(),
                         wide=dense(r, d, 4 * d), narrow=dense(r, 4 * d, d))
    normal = lambda *shape: jnp.asarray(r.standard_normal(shape, dtype=np.float32))
    params = dict(words=normal(w["words"], d), positions=normal(w["time"], d) * 0.02, blocks=[block() for _ in range(w["layers"])],
                  last=norm(), out=dense(r, d, w["words"])[0])

    def normed(p, x):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(var + 1e-5) * p[0] + p[1]

    def apply(p, x):
        batch, time = x.shape
        mask = jnp.tril(jnp.ones((time, time), bool))
        x = p["words"][x] + p["positions"]
        for q in p["blocks"]:
            a = chain([q["inside"]], normed(q["before"], x)).reshape(batch, time, 3, heads, d // heads)
            a, b, c = a.transpose(2, 0, 3, 1, 4)
            scores = jnp.where(mask, a @ b.swapaxes(-1, -2) / np.float32(np.sqrt(d // heads)), -jnp.inf)
            found = (jax.nn.softmax(scores) @ c).transpose(0, 2, 1, 3).reshape(batch, time, d)
            x = x + chain([q["out"]], found)
            wide = jax.nn.gelu(chain([q["wide"]], normed(q["between"], x)), approximate=False)
            x = x + chain([q["narrow"]], wide)
        return normed(p["last"], x) @ p["out"]

    return params, apply


KINDS = dict(lenet=lenet, resnet=resnet, lstm=recurrent, gru=recurrent, gpt=gpt)


def network(w):
    if "kind" in w:
        return KINDS[w["kind"]](w, np.random.default_rng(0))
    r, sizes = np.random.default_rng(0), w["sizes"]
    params = [dense(r, a, b) for a, b in zip(sizes, sizes[1:])]
    act = jax.nn.relu if w["act"] == "relu" else jnp.tanh

    def apply(p, x):
        for k, b in p[:-1]:
            x = act(x @ k + b)
        x = x @ p[-1][0] + p[-1][1]
        return jax.nn.sigmoid(x) if w.get("last") else x

    return params, apply


def update_of(w, apply):
    def loss(p, x, y):
        x, seen = apply(p, x) if w.get("kind") == "resnet" else (apply(p, x), ())
        if w["loss"] == "mse":
            return ((x - y) ** 2).mean(), seen
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[..., None], -1).mean(), seen

    lr, keep = w["lr"], 1 - w["lr"] * w.get("decay", 0.0)

    def update(carry, batch):
        p, m, v, t, running = carry
        (value, seen), g = jax.value_and_grad(loss, has_aux=True)(p, *batch)
        running = tm(lambda a, b: 0.9 * a + 0.1 * b, running, seen)
        if w["opt"] == "sgd":
            return (tm(lambda a, b: a - lr * b, p, g), m, v, t, running), value
        if w["opt"] == "momentum":
            m = tm(lambda a, b: 0.9 * a + b, m, g)
            return (tm(lambda a, b: a - lr * b, p, m), m, v, t, running), value
        t = t + 1
        m = tm(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = tm(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        k1, k2 = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
        p = tm(lambda a, b, d: keep * a - lr * (b * k1) / (jnp.sqrt(d * k2) + 1e-8), p, m, v)
        return (p, m, v, t, running), value

    return update


def start(w, params, apply, x):
    """Weights, two moments, the step's number, running statistics."""
    zeros = lambda tree: tm(jnp.zeros_like, tree)
    moments = zeros(params) if w["opt"] != "sgd" else ()
    second = zeros(params) if w["opt"].startswith("adam") else ()
    return params, moments, second, jnp.float32(0), zeros(apply(params, x)[1]) if w.get("kind") == "resnet" else ()


def ready(w, x, y):
    """Images with channels last; numbers as 32 bits."""
    narrow = lambda a: a.astype(np.int32) if a.dtype == np.int64 else a
    return narrow(np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if w.get("kind") in common.IMAGES else x), narrow(y)


def train(w, variant):
    params, apply = network(w)
    xs, ys = (jnp.asarray(np.stack(part)) for part in zip(*(ready(w, *batch) for batch in common.pool(w))))
    update, state = update_of(w, apply), [start(w, params, apply, xs[0])]
    sync = lambda: jax.block_until_ready(state[0])
    if variant == "scan":
        many = jax.jit(lambda c: jax.lax.scan(update, c, (xs, ys)), donate_argnums=0)

        def step(_):
            state[0], _losses = many(state[0])

        return common.clock(step, sync, common.POOL)
    once = jax.jit(lambda c, x, y: update(c, (x, y)), donate_argnums=0)
    batches = [(xs[i], ys[i]) for i in range(common.POOL)]

    def step(i):
        state[0], _loss = once(state[0], *batches[i % common.POOL])

    return common.clock(step, sync)


def forward(w, _variant):
    params, apply = network(w)
    call = jax.jit(apply)
    data = [jnp.asarray(ready(w, *batch)[0]) for batch in common.pool(w)]
    return common.clock(lambda i: call(params, data[i % common.POOL]).block_until_ready())


def classifier(_variant, x, y, test_x):
    params, apply = network(common.WORKLOADS["W10"])
    w = common.WORKLOADS["W10"]
    update, state = update_of(w, apply), [start(w, params, apply, x[:1])]
    once = jax.jit(lambda c, x, y: update(c, (x, y)), donate_argnums=0)
    guess = jax.jit(lambda p, x: apply(p, x).argmax(1))

    def step(rows):
        state[0], _loss = once(state[0], x[rows], y[rows])

    return step, lambda: jax.block_until_ready(state[0]), lambda: np.asarray(guess(state[0][0], test_x))


common.main("jax", train, forward, classifier)
