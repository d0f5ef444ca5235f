"""What is computed: a stack of recurrent layers of given sizes, with its weights, input and first state."""

from dataclasses import dataclass, fields

import numpy
from safetensors.numpy import load_file, save_file

GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
PARAMETERS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


@dataclass(frozen=True)
class Case:
    """Sizes in the order of the command `case` of the line protocol."""

    cell: str
    batch: int
    time: int
    input: int
    hidden: int
    layers: int = 1
    directions: int = 1

    @classmethod
    def parse(cls, words):
        cell, *sizes = words
        if cell not in GATES:
            raise ValueError(f"unknown cell `{cell}`")
        return cls(cell, *map(int, sizes))

    @property
    def words(self):
        return [str(getattr(self, field.name)) for field in fields(self)]

    @property
    def shape(self):
        return (self.batch, self.time, self.input, self.hidden)

    @property
    def parts(self):
        """Layers × directions; of each layer the forward direction first."""
        return range(self.layers * self.directions)

    @property
    def states(self):
        return ["h0", "c0"] if self.cell == "lstm" else ["h0"]

    def input_size(self, part):
        return self.input if part < self.directions else self.directions * self.hidden

    def names(self, part):
        """PyTorch's names of a part's parameters, in the order of `PARAMETERS`."""
        layer, side = divmod(part, self.directions)
        return [f"{name}_l{layer}{'_reverse' * side}" for name in PARAMETERS]

    def flops(self, mode):
        """Of the matrix products: forward 2·B·T·G·H·(I + H) for each part, training three times that."""
        steps = self.batch * (1 if mode == "step" else self.time)
        products = sum(2 * steps * GATES[self.cell] * self.hidden * (self.input_size(part) + self.hidden) for part in self.parts)
        return products * (3 if mode == "train" else 1)

    def arrays(self, seed=0):
        """Everything by PyTorch's names and in PyTorch's layout and scale; no two gates are alike."""
        generator = numpy.random.default_rng(seed)
        state, rows = (len(self.parts), self.batch, self.hidden), GATES[self.cell] * self.hidden
        shapes = {"x": (self.batch, self.time, self.input), "d_output": (self.batch, self.time, self.directions * self.hidden)}
        arrays = {name: generator.normal(size=shape) for name, shape in shapes.items()}
        arrays |= {name: 0.5 * generator.normal(size=state) for name in self.states}
        for part in self.parts:
            sizes = [(rows, self.input_size(part)), (rows, self.hidden), (rows,), (rows,)]
            bound = self.hidden**-0.5
            arrays |= {name: generator.uniform(-bound, bound, size) for name, size in zip(self.names(part), sizes)}
        return {name: array.astype(numpy.float32) for name, array in arrays.items()}


def load(path):
    return load_file(path)


def save(path, arrays):
    save_file({name: numpy.ascontiguousarray(array) for name, array in arrays.items()}, path)


def reordered(array, gates, order):
    """Blocks of rows, one for each gate, in another order: PyTorch has `i f g o` and `r z n`."""
    blocks = numpy.split(array, gates)
    return numpy.concatenate([blocks[gate] for gate in order])
