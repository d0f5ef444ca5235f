"""The line protocol for peers in Python: what `program/src/server.rs` is for those in Rust."""

import os
import sys
import time

import numpy

from cases import Case, load, save


class Layers:
    """A case as a framework computes it. A peer overrides what it can do; `trains` and `streams` say what that is."""

    trains = True

    def __init__(self, case, arrays):
        """Builds the layers; raises ValueError with the reason where it cannot."""

    def forward(self):
        """The output of whole sequences from the given state, in the framework's own form; finished on return."""
        raise NotImplementedError

    def train(self):
        """Every gradient of `(output × d_output).sum()`, in the framework's own form; finished on return."""
        raise NotImplementedError

    def begin(self):
        """A stream begins: zero states."""
        raise NotImplementedError

    def step(self, t):
        """The output of step `t` of the input, in the framework's own form; the stream's state goes on."""
        raise NotImplementedError

    def array(self, output):
        """An output as numpy's array, `[batch, time, features]`."""
        raise NotImplementedError

    def gradients(self, gradients):
        """Gradients by PyTorch's name of the parameter, or `x`, `h0`, `c0`; each in PyTorch's layout."""
        raise NotImplementedError


def timed(repetitions, call):
    """Milliseconds of each call."""
    times = []
    for repetition in range(repetitions):
        start = time.perf_counter()
        call(repetition)
        times.append(1000 * (time.perf_counter() - start))
    return " ".join(f"{milliseconds:.6f}" for milliseconds in times)


def faster(candidates, *arguments):
    """The fastest of several functions that compute the same; one that fails is out."""
    times = {}
    for candidate in candidates:
        try:
            candidate(*arguments)  # compiles
            start = time.perf_counter()
            candidate(*arguments)
            times[candidate] = time.perf_counter() - start
        except Exception as error:
            print(error, file=sys.stderr)
    if not times:
        raise ValueError("none of the ways to compile it works")
    return min(times, key=times.get)


class Server:
    def __init__(self, build):
        self.build, self.case, self.layers = build, None, None

    def answer(self, command, *words):
        if command == "case":
            self.layers = None  # before the next is built: two of them may not fit
            self.case = Case.parse(words[:-1])
            self.layers = self.build(self.case, load(words[-1]))
            return ""
        if self.layers is None:
            raise ValueError("no case yet")
        if command == "save":
            return self.save(words[0])
        return {"forward": self.forward, "train": self.train, "step": self.step}[command](int(words[0]))

    def forward(self, repetitions):
        return timed(repetitions, lambda _: self.layers.forward())

    def train(self, repetitions):
        if not self.layers.trains:
            raise ValueError("computes no gradients")
        return timed(repetitions, lambda _: self.layers.train())

    def step(self, repetitions):
        self.begin()
        return timed(repetitions, lambda repetition: self.layers.step(repetition % self.case.time))

    def begin(self):
        if self.case.directions == 2:
            raise ValueError("a layer that reads backwards cannot be streamed")
        self.layers.begin()

    def save(self, path):
        layers = self.layers
        results = {"output": layers.array(layers.forward())}
        if self.case.directions == 1:
            self.begin()
            # Each is read before the next step: a peer may hand out the same buffer again.
            steps = [layers.array(layers.step(t)).copy() for t in range(self.case.time)]
            results["stream"] = numpy.concatenate(steps, axis=1).swapaxes(0, 1)  # [time, batch, hidden]
        if layers.trains:
            gradients = layers.gradients(layers.train())
            results |= {f"grad.{name}": gradient for name, gradient in gradients.items()}
        save(path, results)
        return ""


def serve(build):
    """Answers commands until `quit`; `build(case, arrays)` makes a case's `Layers`."""
    server = Server(build)
    answer_lines(lambda words: server.answer(*words))


def answer_lines(answer):
    """Says `ok` and what `answer(words)` gives to each line, or `no` and what it throws, until `quit`."""
    # What a framework prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        try:
            text = f"ok {answer(words)}".rstrip()
        except Exception as error:  # whatever a framework throws is the answer
            reason = " ".join(str(error).split())[:300]
            text = f"no {reason or type(error).__name__}"
        print(text, file=answers, flush=True)
