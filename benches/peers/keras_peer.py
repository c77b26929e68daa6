"""Keras on TensorFlow, a compiled training step. Variants: graph, xla."""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf

import common

tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[3]))
tf.config.threading.set_inter_op_parallelism_threads(1)


def network(w):
    sizes = w["sizes"]
    # Variance-scaled uniform numbers with scale 1/3 lie in ±1/√fan_in.
    init = lambda: keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    layers = [keras.Input((sizes[0],))]
    for i, size in enumerate(sizes[1:]):
        act = w["act"] if i + 2 < len(sizes) else w.get("last")
        layers.append(keras.layers.Dense(size, act, kernel_initializer=init()))
    return keras.Sequential(layers)


def stepper(w, variant, net):
    make = keras.optimizers.Adam if w["opt"] == "adam" else keras.optimizers.SGD
    optimizer = make(w["lr"])
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
    data = [(tf.constant(x), tf.constant(y)) for x, y in common.pool(w)]
    last = [None]

    def take(i):
        last[0] = step(*data[i % common.POOL])

    return common.clock(take, lambda: last[0].numpy())


def forward(w, variant):
    net = network(w)
    call = tf.function(lambda x: net(x, training=False), jit_compile=variant == "xla")
    data = [tf.constant(x) for x, _ in common.pool(w)]
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
