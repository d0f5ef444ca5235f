"""Keras 3 layers on TensorFlow or JAX, compiled; the faster of the ways to compile them is the one that is timed."""

import argparse
import os

import numpy

from cases import GATES, reordered
from peers.server import Layers, faster, serve

# Keras has `z r h`; its LSTM has PyTorch's order. Both orders are their own inverse.
ORDER = {"lstm": [0, 1, 2, 3], "gru": [1, 0, 2], "simple_rnn": [0]}


class Keras(Layers):
    """What both backends share; each says how a function of (x, states) is compiled and differentiated."""

    def __init__(self, case, arrays):
        import keras

        self.case, self.ops = case, keras.ops
        kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}[case.cell]
        self.layers = []
        for part in case.parts:
            layer = kind(case.hidden, return_sequences=True, return_state=True, go_backwards=part % case.directions == 1)
            layer.build((case.batch, case.time, case.input_size(part)))
            layer.set_weights(self.weights(arrays, part))
            self.layers.append(layer)
        tensor = keras.ops.convert_to_tensor
        state = lambda name, part: tensor(arrays[name][part])
        self.states = [[state(name, part) for name in case.states] for part in case.parts]
        self.zero = [[keras.ops.zeros_like(state) for state in states] for states in self.states]
        self.x, self.d_output = tensor(arrays["x"]), tensor(arrays["d_output"])
        self.steps = [tensor(numpy.ascontiguousarray(arrays["x"][:, t : t + 1])) for t in range(case.time)]
        self.fastest = {}

    def weights(self, arrays, part):
        weight_ih, weight_hh, bias_ih, bias_hh = (self.gates(arrays[name]) for name in self.case.names(part))
        bias = numpy.stack([bias_ih, bias_hh]) if self.case.cell == "gru" else bias_ih + bias_hh
        return [weight_ih.T, weight_hh.T, bias]

    def gates(self, array):
        return reordered(array, GATES[self.case.cell], ORDER[self.case.cell])

    def stack(self, call, x, states):
        """The output and the states after the last step; `call(part, x, states)` is one layer in one direction."""
        after = []
        for first in range(0, len(self.layers), self.case.directions):
            outputs = []
            for part in range(first, first + self.case.directions):
                output, *state = call(part, x, states[part])
                outputs.append(self.ops.flip(output, axis=1) if part > first else output)
                after.append(state)
            x = outputs[0] if len(outputs) == 1 else self.ops.concatenate(outputs, axis=-1)
        return x, after

    def fast(self, name, *arguments):
        """Runs the fastest of the ways to compile a function; finished on return."""
        if name not in self.fastest:
            candidates = [self.finished(function) for function in self.compiled(getattr(self, name))]
            self.fastest[name] = faster(candidates, *arguments)
        return self.fastest[name](*arguments)

    def compiled(self, function):
        raise NotImplementedError

    def finished(self, function):
        raise NotImplementedError

    def infer(self, x, states):
        raise NotImplementedError

    def differentiate(self, x, states):
        """Gradients of x, of the states by part, of the three weights by part."""
        raise NotImplementedError

    def forward(self):
        return self.fast("infer", self.x, self.states)[0]

    def train(self):
        return self.fast("differentiate", self.x, self.states)

    def begin(self):
        self.state = self.zero

    def step(self, t):
        output, self.state = self.fast("infer_step", self.steps[t], self.state)
        return output

    def infer_step(self, x, states):
        return self.infer(x, states)

    def array(self, output):
        return numpy.asarray(output)

    def gradients(self, gradients):
        x, states, weights = gradients
        named = {"x": numpy.asarray(x)}
        for index, name in enumerate(self.case.states):
            named[name] = numpy.stack([numpy.asarray(state[index]) for state in states])
        for part, (weight_ih, weight_hh, bias) in zip(self.case.parts, (map(numpy.asarray, part) for part in weights)):
            biases = bias if self.case.cell == "gru" else [bias, bias]  # one bias stands for the sum of PyTorch's two
            arrays = [weight_ih.T, weight_hh.T, *biases]
            named |= {name: self.gates(array) for name, array in zip(self.case.names(part), arrays)}
        return named


class OnTensorFlow(Keras):
    def compiled(self, function):
        import tensorflow

        return [tensorflow.function(function, jit_compile=jit) for jit in (False, True)]

    def finished(self, function):
        return function

    def infer(self, x, states):
        return self.stack(lambda part, x, states: self.layers[part](x, initial_state=states), x, states)

    def differentiate(self, x, states):
        import tensorflow

        weights = [[weight.value for weight in layer.trainable_variables] for layer in self.layers]
        with tensorflow.GradientTape() as tape:
            tape.watch([x, states])
            output, _ = self.infer(x, states)
        return tape.gradient(output, [x, states, weights], output_gradients=self.d_output)


class OnJax(Keras):
    def __init__(self, case, arrays):
        super().__init__(case, arrays)
        self.trained = [[weight.value for weight in layer.trainable_variables] for layer in self.layers]
        self.others = [[weight.value for weight in layer.non_trainable_variables] for layer in self.layers]

    def compiled(self, function):
        import jax

        return [jax.jit(function)]

    def finished(self, function):
        import jax

        return lambda *arguments: jax.block_until_ready(function(*arguments))

    def run(self, x, states, weights):
        def call(part, x, states):
            return self.layers[part].stateless_call(weights[part], self.others[part], x, initial_state=states)[0]

        return self.stack(call, x, states)

    def infer(self, x, states):
        return self.run(x, states, self.trained)

    def differentiate(self, x, states):
        import jax

        _, back, _ = jax.vjp(lambda *arguments: self.run(*arguments), x, states, self.trained, has_aux=True)
        return back(self.d_output)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--backend", choices=["tensorflow", "jax"], required=True)
    arguments = parser.parse_args()
    os.environ |= {"KERAS_BACKEND": arguments.backend, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    os.environ["NPROC"] = str(arguments.threads)  # how XLA counts its threads
    if arguments.backend == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(arguments.threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
        serve(OnTensorFlow)
    else:
        serve(OnJax)


if __name__ == "__main__":
    main()
