"""Keras on TensorFlow, a compiled training step. Variants: graph, xla."""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf

import common

L = keras.layers
tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[3]))
tf.config.threading.set_inter_op_parallelism_threads(1)


def init():
    # Variance-scaled uniform numbers with scale 1/3 lie in ±1/√fan_in.
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def dense(size, act=None, bias=True):
    return L.Dense(size, act, kernel_initializer=init(), use_bias=bias)


def lenet(_w):
    conv = lambda n, pad: L.Conv2D(n, 5, padding=pad, activation="relu", kernel_initializer=init())
    return keras.Sequential([keras.Input((28, 28, 1)), conv(6, "same"), L.MaxPool2D(2), conv(16, "valid"), L.MaxPool2D(2),
                             L.Flatten(), dense(120, "relu"), dense(84, "relu"), dense(10)])


def resnet(_w):
    def normed(x, n, side, stride=1):
        x = L.Conv2D(n, side, stride, "same", use_bias=False, kernel_initializer=init())(x)
        return L.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    inputs = keras.Input((32, 32, 3))
    x = L.ReLU()(normed(inputs, 16, 3))
    for a, b, stride in common.BLOCKS:
        y = normed(L.ReLU()(normed(x, b, 3, stride)), b, 3)
        x = L.ReLU()(y + (normed(x, b, 1, stride) if a != b else x))
    return keras.Model(inputs, dense(10)(L.GlobalAveragePooling2D()(x)))


def recurrent(w):
    cells = (L.LSTM if w["kind"] == "lstm" else L.GRU)(w["hidden"], return_sequences=True, kernel_initializer=init(),
                                                       recurrent_initializer=init())
    return keras.Sequential([keras.Input((w["time"],), dtype="int32"), embedding(w["words"], w["embedding"]), cells,
                             dense(w["words"])])


def embedding(words, width):
    return L.Embedding(words, width, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0))


class Positions(L.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x):
        return x + self.table


class Attention(L.Layer):
    def __init__(self, width, heads):
        super().__init__()
        self.width, self.heads, self.inside, self.out = width, heads, dense(3 * width), dense(width)

    def call(self, x):
        time, each = x.shape[1], self.width // self.heads
        a, b, c = tf.unstack(tf.transpose(tf.reshape(self.inside(x), (-1, time, 3, self.heads, each)), (2, 0, 3, 1, 4)))
        ahead = tf.constant(np.triu(np.full((time, time), -1e9, np.float32), 1))
        scores = tf.nn.softmax(tf.matmul(a, b, transpose_b=True) / np.float32(np.sqrt(each)) + ahead)
        return self.out(tf.reshape(tf.transpose(tf.matmul(scores, c), (0, 2, 1, 3)), (-1, time, self.width)))


def gpt(w):
    norm = lambda: L.LayerNormalization(epsilon=1e-5)
    inputs = keras.Input((w["time"],), dtype="int32")
    x = Positions()(embedding(w["words"], w["width"])(inputs))
    for _ in range(w["layers"]):
        x = x + Attention(w["width"], w["heads"])(norm()(x))
        wide = keras.activations.gelu(dense(4 * w["width"])(norm()(x)), approximate=False)
        x = x + dense(w["width"])(wide)
    return keras.Model(inputs, dense(w["words"], bias=False)(norm()(x)))


KINDS = dict(lenet=lenet, resnet=resnet, lstm=recurrent, gru=recurrent, gpt=gpt)


def ready(w, x, y):
    """Images with channels last; numbers as 32 bits."""
    narrow = lambda a: a.astype(np.int32) if a.dtype == np.int64 else a
    return narrow(np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if w.get("kind") in common.IMAGES else x), narrow(y)


def network(w):
    if "kind" in w:
        return KINDS[w["kind"]](w)
    sizes = w["sizes"]
    layers = [keras.Input((sizes[0],))]
    for i, size in enumerate(sizes[1:]):
        act = w["act"] if i + 2 < len(sizes) else w.get("last")
        layers.append(dense(size, act))
    return keras.Sequential(layers)


def stepper(w, variant, net):
    optimizer = {"sgd": lambda: keras.optimizers.SGD(w["lr"]), "momentum": lambda: keras.optimizers.SGD(w["lr"], momentum=0.9),
                 "adam": lambda: keras.optimizers.Adam(w["lr"]),
                 "adamw": lambda: keras.optimizers.AdamW(w["lr"], weight_decay=w.get("decay", 0.0))}[w["opt"]]()
    optimizer.build(net.trainable_variables)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if w["loss"] == "ce" else keras.losses.MeanSquaredError()

    @tf.function(jit_compile=variant == "xla")
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, net(x, training=True))
        optimizer.apply(tape.gradient(value, net.trainable_variables), net.trainable_variables)
        return value

    return step


def train(w, variant):
    step = stepper(w, variant, network(w))
    data = [tuple(map(tf.constant, ready(w, *batch))) for batch in common.pool(w)]
    last = [None]

    def take(i):
        last[0] = step(*data[i % common.POOL])

    return common.clock(take, lambda: last[0].numpy())


def forward(w, variant):
    net = network(w)
    call = tf.function(lambda x: net(x, training=False), jit_compile=variant == "xla")
    data = [tf.constant(ready(w, *batch)[0]) for batch in common.pool(w)]
    return common.clock(lambda i: call(data[i % common.POOL]).numpy())


def classifier(variant, x, y, test_x):
    net = network(common.WORKLOADS["W10"])
    step = stepper(common.WORKLOADS["W10"], variant, net)
    guess = tf.function(lambda x: tf.argmax(net(x, training=False), 1))
    last = [None]

    def take(rows):
        last[0] = step(tf.constant(x[rows]), tf.constant(y[rows]))

    return take, lambda: last[0].numpy(), lambda: np.asarray(guess(tf.constant(test_x)))


common.main("keras", train, forward, classifier)
