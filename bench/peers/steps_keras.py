"""Whole training steps in Keras 3 on TensorFlow or JAX: `train_on_batch`, or the compiled step that its guides show."""

import argparse
import os

import numpy

from peers.steps import Batch, serve

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--backend", choices=["tensorflow", "jax"], required=True)
parser.add_argument("--way", choices=["train_on_batch", "compiled", "xla"], required=True)
parser.add_argument("--optimizer", choices=["adam", "rmsprop", "sgd"], required=True)
parser.add_argument("--rate", type=float, required=True)
parser.add_argument("--clip", type=float)
parser.add_argument("--dropout", type=float, default=0.0)
parser.add_argument("--stateful", action="store_true")
parser.add_argument("--threads", type=int, required=True)
arguments = parser.parse_args()

os.environ["KERAS_BACKEND"] = arguments.backend
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if arguments.backend == "jax":
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(arguments.threads > 1).lower()}"
else:
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(arguments.threads)

import keras  # noqa: E402  its backend is chosen by the environment


def network(batch, classifies):
    """An optional embedding, recurrent layers, a linear map of the last step or of every step, with the weights given."""
    table, weight = batch.only("Embedding.weight"), batch.only("linear.weight")
    layers = batch.recurrent()
    hidden = layers[0][1].shape[0]
    kind = {1: keras.layers.SimpleRNN, 4: keras.layers.LSTM}[layers[0][1].shape[1] // hidden]
    model = keras.Sequential([keras.Input(batch_shape=batch.input.shape)])
    drop = lambda: model.add(keras.layers.Dropout(arguments.dropout)) if arguments.dropout else None
    weights = []
    if table is not None:
        model.add(keras.layers.Embedding(*table.shape))
        weights += [table]
        drop()
    for index, (weight_ih, weight_hh, bias_ih, bias_hh) in enumerate(layers):
        sequences = classifies or index + 1 < len(layers)
        model.add(kind(hidden, return_sequences=sequences, stateful=arguments.stateful))
        weights += [weight_ih, weight_hh, bias_ih + bias_hh]
        if classifies:
            drop()
    model.add(keras.layers.Dense(weight.shape[1]))
    weights += [weight, batch.only("linear.bias")]
    for variable, array in zip(model.trainable_variables, weights, strict=True):
        variable.assign(array)
    return model


def optimizer():
    kinds = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    return kinds[arguments.optimizer](arguments.rate, global_clipnorm=arguments.clip)


def on_batch(model, loss, x, y):
    model.compile(optimizer(), loss)
    return lambda: model.train_on_batch(x, y)


def in_tensorflow(model, loss, x, y):
    update = optimizer()
    update.build(model.trainable_variables)
    x, y = tensorflow.constant(x), tensorflow.constant(y)

    @tensorflow.function(jit_compile=arguments.way == "xla")
    def step(x, y):
        with tensorflow.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        update.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    return lambda: step(x, y)


def in_jax(model, loss, x, y):
    import jax

    update = optimizer()
    update.build(model.trainable_variables)
    x, y = jax.numpy.asarray(x), jax.numpy.asarray(y)
    values = lambda variables: [variable.value for variable in variables]
    state = [values(model.trainable_variables), values(model.non_trainable_variables), values(update.variables)]

    def forward(weights, others, x, y):
        answer, others = model.stateless_call(weights, others, x, training=True)
        return loss(y, answer), others

    @jax.jit
    def step(state, x, y):
        weights, others, inner = state
        (value, others), gradients = jax.value_and_grad(forward, has_aux=True)(weights, others, x, y)
        weights, inner = update.stateless_apply(inner, gradients, weights)
        return value, [weights, others, inner]

    def run():
        nonlocal state
        value, state = step(state, x, y)
        jax.block_until_ready(state)
        return value

    return run


def main():
    batch = Batch(arguments.file)
    classifies = batch.target.dtype.kind == "i"
    model = network(batch, classifies)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if classifies else keras.losses.MeanSquaredError()
    x = batch.input.astype(numpy.int32) if batch.input.dtype.kind == "i" else batch.input
    y = batch.target.astype(numpy.int32) if classifies else batch.target
    ways = {"tensorflow": in_tensorflow, "jax": in_jax}
    step = on_batch if arguments.way == "train_on_batch" else ways[arguments.backend]
    serve(lambda: None, step(model, loss, x, y))


main()
