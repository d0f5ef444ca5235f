"""A case as an ONNX model: the LSTM, GRU and RNN nodes themselves, for runtimes that only infer."""

import numpy
from onnx import TensorProto, helper, numpy_helper

from cases import GATES, reordered
from peers.server import Layers

NODES = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "RNN"}
# ONNX has `i o f c` and `z r h`; linear_before_reset is PyTorch's GRU.
ORDER = {"lstm": [0, 3, 1, 2], "gru": [1, 0, 2], "simple_rnn": [0]}
ATTRIBUTES = {"lstm": {}, "gru": {"linear_before_reset": 1}, "simple_rnn": {}}


def model(case, arrays, time):
    """The model's bytes. Inputs: `x` [time, batch, input], and for each layer `h0_L` (and `c0_L`) [directions, batch, hidden];
    outputs: `output` [time, batch, directions × hidden], and the states in the same order."""
    nodes, weights, signal = [], {"shape": numpy.array([time, case.batch, case.directions * case.hidden], numpy.int64)}, "x"
    for layer in range(case.layers):
        parts = range(layer * case.directions, (layer + 1) * case.directions)
        weight_ih, weight_hh, bias_ih, bias_hh = zip(*(ordered(case, arrays, part) for part in parts))
        weights[f"W{layer}"], weights[f"R{layer}"] = numpy.stack(weight_ih), numpy.stack(weight_hh)
        weights[f"B{layer}"] = numpy.concatenate([numpy.stack(bias_ih), numpy.stack(bias_hh)], axis=1)
        states = [f"{name}_{layer}" for name in case.states]
        nodes += [
            helper.make_node(
                NODES[case.cell],
                [signal, f"W{layer}", f"R{layer}", f"B{layer}", "", *states],
                [f"Y{layer}", *(f"{name}_out" for name in states)],
                hidden_size=case.hidden,
                direction="bidirectional" if case.directions == 2 else "forward",
                **ATTRIBUTES[case.cell],
            ),
            # [time, directions, batch, hidden] to [time, batch, directions × hidden]
            helper.make_node("Transpose", [f"Y{layer}"], [f"T{layer}"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"T{layer}", "shape"], [f"S{layer}"]),
        ]
        signal = f"S{layer}"
    nodes[-1].output[0] = "output"
    states = [f"{name}_{layer}" for layer in range(case.layers) for name in case.states]
    state = [case.directions, case.batch, case.hidden]
    inputs = [value("x", [time, case.batch, case.input])] + [value(name, state) for name in states]
    outputs = [value("output", weights["shape"])] + [value(f"{name}_out", state) for name in states]
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "layers", inputs, outputs, constants)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return whole.SerializeToString()


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [int(size) for size in shape])


def ordered(case, arrays, part):
    return [reordered(arrays[name], GATES[case.cell], ORDER[case.cell]) for name in case.names(part)]


class Runtime(Layers):
    """A runtime that infers. It overrides `open`."""

    trains = False

    def __init__(self, case, arrays):
        self.x = numpy.ascontiguousarray(arrays["x"].swapaxes(0, 1))  # these nodes have the time first
        layers = range(case.layers)
        parts = lambda array, layer: array[layer * case.directions : (layer + 1) * case.directions]
        self.first = [parts(arrays[name], layer) for layer in layers for name in case.states]
        self.whole = self.open(model(case, arrays, case.time))
        self.single = self.open(model(case, arrays, 1)) if case.directions == 1 else None

    def open(self, model):
        """A function from the list of inputs to the list of outputs, in the order of `model`."""
        raise NotImplementedError

    def forward(self):
        return self.whole([self.x, *self.first])[0]

    def begin(self):
        self.state = [numpy.zeros_like(state) for state in self.first]

    def step(self, t):
        output, *self.state = self.single([self.x[t : t + 1], *self.state])
        return output

    def array(self, output):
        return output.swapaxes(0, 1)
