"""The line protocol of whole training steps: what crates/elman/examples/steps/session.rs is for Elman."""

import time

from safetensors.numpy import load_file

from peers.server import answer_lines

# Layers with weights, first to last, as Elman names them.
RECURRENT = "Recurrent.rnn.directions"


class Batch:
    """First weights, input and target, as Elman saved them."""

    def __init__(self, path):
        self.arrays = load_file(path)
        self.input, self.target = self.arrays.pop("input"), self.arrays.pop("target")

    def only(self, ending):
        """The one array whose name ends so; nothing where there is none."""
        found = [array for name, array in self.arrays.items() if name.endswith(ending)]
        if len(found) > 1:
            raise ValueError(f"several arrays are called {ending}")
        return found[0] if found else None

    def recurrent(self):
        """`weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` of each recurrent layer, weights `[inputs, gates × hidden]`."""
        prefixes = sorted({name.rpartition(".")[0] for name in self.arrays if RECURRENT in name})
        parts = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
        return [[self.arrays[f"{prefix}.{part}"] for part in parts] for prefix in prefixes]


def serve(begin, step):
    """Answers commands until `quit`; `begin()` starts a chain of batches, `step()` trains on one and returns its loss."""

    def answer(words):
        command, count = words
        begin()
        figures = []
        for _ in range(int(count)):
            start = time.perf_counter()
            loss = float(step())
            took = 1000 * (time.perf_counter() - start)
            figures.append({"steps": took, "losses": loss}[command])
        return " ".join(f"{figure:.9f}" for figure in figures)

    answer_lines(answer)
