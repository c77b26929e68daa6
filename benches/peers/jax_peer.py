"""JAX. Variants: jit (a call a step), scan (32 steps a call)."""
import jax
import jax.numpy as jnp
import numpy as np

import common

tm = jax.tree.map


def network(w):
    r, sizes = np.random.default_rng(0), w["sizes"]
    params = [(jnp.asarray(common.uniform(r, a, a, b)), jnp.asarray(common.uniform(r, a, b)))
              for a, b in zip(sizes, sizes[1:])]
    act = jax.nn.relu if w["act"] == "relu" else jnp.tanh

    def apply(p, x):
        for k, b in p[:-1]:
            x = act(x @ k + b)
        x = x @ p[-1][0] + p[-1][1]
        return jax.nn.sigmoid(x) if w.get("last") else x

    return params, apply


def update_of(w, apply):
    def loss(p, x, y):
        x = apply(p, x)
        if w["loss"] == "mse":
            return ((x - y) ** 2).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1).mean()

    lr = w["lr"]

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

    return update


def start(params):
    zeros = tm(jnp.zeros_like, params)
    return (params, zeros, tm(jnp.zeros_like, params), jnp.float32(0))


def train(w, variant):
    params, apply = network(w)
    update, state = update_of(w, apply), [start(params)]
    xs, ys = (jnp.asarray(np.stack(part)) for part in zip(*common.pool(w)))
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
    data = [jnp.asarray(x) for x, _ in common.pool(w)]
    return common.clock(lambda i: call(params, data[i % common.POOL]).block_until_ready())


def classifier(_variant, x, y, test_x):
    params, apply = network(common.WORKLOADS["W10"])
    update, state = update_of(common.WORKLOADS["W10"], apply), [start(params)]
    once = jax.jit(lambda c, x, y: update(c, (x, y)), donate_argnums=0)
    guess = jax.jit(lambda p, x: apply(p, x).argmax(1))

    def step(rows):
        state[0], _loss = once(state[0], x[rows], y[rows])

    return step, lambda: jax.block_until_ready(state[0]), lambda: np.asarray(guess(state[0][0], test_x))


common.main("jax", train, forward, classifier)
