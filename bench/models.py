"""Whole training steps, end to end: Elman against PyTorch and Keras 3, in turn, in one run. See README.md.

    python bench/models.py                          every model, every peer, 2 threads
    python bench/models.py --models notes,weather --peers pytorch --rounds 5
"""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy
from safetensors.numpy import load_file

import turns
from turns import Child, Refused, figure, milliseconds

# What each model's peers are told; Elman's own are in crates/elman/examples/steps/models.rs.
MODELS = {
    "notes": ("SimpleRnn(20)-SimpleRnn(20)-Dense(10), (32, 50, 1), Adam", "--optimizer adam --rate 0.001"),
    "weather": ("Lstm(32)-Dense(1), (256, 120, 3), RMSprop", "--optimizer rmsprop --rate 0.001"),
    "characters": ("Embedding(65, 512)-Lstm(512)×2-Dense(65), (64, 100), Adam, clip", "--optimizer adam --rate 0.001 --clip 5"),
    "words": (
        "Embedding(10,000, 650)-Lstm(650)×2-Dense(10,000), (20, 35), dropout 0.5, SGD, clip",
        "--optimizer sgd --rate 1 --clip 5 --stateful",
    ),
}
DROPOUT = {"words": 0.5}
WAYS = ["train_on_batch", "compiled"]
# Title, program, and whether it takes as many biases as Elman, so that its weights stay Elman's.
PEERS = {
    "pytorch": ("PyTorch", ["python", "peers.steps_pytorch"], True),
    **{
        f"{backend}-{way}": (f"Keras {title}, {way}", ["keras_python", "peers.steps_keras", "--backend", backend, "--way", way], False)
        for backend, title in [("tensorflow", "TensorFlow"), ("jax", "JAX")]
        for way in WAYS + (["xla"] if backend == "tensorflow" else [])
    },
}
TOLERANCE = 1e-4
COMPARED = 4  # losses of first steps


def kept(model, arrays):
    """Bytes that back-propagation must keep: weights, gradients, the optimizer's state, and of each layer its output and, in
    an LSTM, four gates and the cell; logits become their own gradient."""
    batch = {name: arrays[name] for name in ("input", "target")}
    weights = {name: array for name, array in arrays.items() if name not in batch}
    count = sum(array.size for array in weights.values())
    copies = {"notes": 4, "weather": 3, "characters": 4, "words": 2}[model]
    steps = numpy.prod(batch["input"].shape[:2])
    values = batch["input"].size + batch["target"].size
    for name, array in weights.items():
        if name.endswith("weight_hh"):
            hidden, width = array.shape
            values += steps * hidden * (6 if width == 4 * hidden else 1)
        elif name.endswith("Embedding.weight"):
            values += steps * array.shape[1]
        elif name.endswith("linear.weight"):
            values += array.shape[1] * (steps if batch["target"].dtype.kind == "i" else len(batch["target"]))
    return 4 * (copies * count + int(values))


class Sides:
    """Elman and its peers on one model, each a child process."""

    def __init__(self, model, program, peers, arguments, dropout):
        self.temporary = tempfile.TemporaryDirectory(prefix="elman-models-")
        self.folder, self.file = self.temporary.name, os.path.join(self.temporary.name, f"{model}.safetensors")
        words = [model, "--threads", arguments.threads, "--dropout", dropout]
        subprocess.run([program, *map(str, words), "--steps", "1", "--save", self.file], check=True, stdout=subprocess.DEVNULL)
        limits = {"threads": arguments.threads, "patience": 600.0}
        log = lambda name: os.path.join(self.folder, f"{name}.log")
        self.children = {"elman": Child([program, *words, "--serve"], log=log("elman"), **limits)}
        for name in peers:
            _, (interpreter, module, *rest), _ = PEERS[name]
            setting = [*MODELS[model][1].split(), "--dropout", dropout, "--threads", arguments.threads]
            command = [getattr(arguments, interpreter), "-m", module, self.file, *rest, *setting]
            self.children[name] = Child(command, log=log(name), **limits)

    def losses(self, name, count):
        return numpy.array([float(word) for word in self.children[name].ask("losses", count)])

    def end(self):
        for child in self.children.values():
            child.end()
        self.temporary.cleanup()


def disagreements(model, program, peers, arguments):
    """By peer, why it does other work than Elman. Dropout is off: no two programs draw the same."""
    sides, found = Sides(model, program, peers, arguments, dropout=0), {}
    ours = sides.losses("elman", COMPARED)
    for name in peers:
        # One bias instead of two moves at another rate, so that only the first loss is the same.
        count = COMPARED if PEERS[name][2] else 1
        try:
            error = numpy.abs(sides.losses(name, count) / ours[:count] - 1).max()
            if not error < TOLERANCE:
                found[name] = f"differs: its first losses by {error:.1e}"
        except Refused as refusal:
            found[name] = str(refusal)
        sides.children[name].end()
    sides.end()
    return found


def measured(model, program, arguments):
    """Lines of the table."""
    chosen = [name for name in PEERS if any(name.startswith(peer) for peer in arguments.peers.split(","))]
    refused = disagreements(model, program, chosen, arguments)
    peers = [name for name in chosen if name not in refused]
    sides = Sides(model, program, peers, arguments, dropout=DROPOUT.get(model, 0))
    each = {name: milliseconds(child, "steps") for name, child in sides.children.items()}
    timings, failed = turns.take_turns(each, arguments.rounds, seconds=arguments.seconds)
    refused |= failed
    lines, need = [], kept(model, load_file(sides.file))
    for name in ["elman", *chosen]:
        title = PEERS[name][0] if name in PEERS else "Elman"
        if name in refused:
            lines.append([title, "–", "–", "–", "–"])
            continue
        ratio = "" if name == "elman" else figure(timings[name].ratio(timings["elman"])) + " ×"
        peak = turns.status(sides.children[name].process.pid, "VmHWM")
        lines.append([title, figure(timings[name].median), ratio, f"{peak / 2**20:.0f}", figure(peak / need)])
        print(f"  {title}: {lines[-1][1]} ms {ratio} {lines[-1][3]} MiB", flush=True)
    sides.end()
    notes = "".join(f"\n{PEERS[name][0]}: {reason}\n" for name, reason in refused.items())
    header = ["", "ms a step", "of Elman's time", "peak MiB", f"of the {figure(need / 2**20)} MiB to keep"]
    return f"### {model}: {MODELS[model][0]}\n\n{turns.table(header, lines)}{notes}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--peers", default="pytorch,tensorflow,jax")
    parser.add_argument("--threads", type=turns.count, default=2)
    parser.add_argument("--rounds", type=turns.count, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each side in each round")
    parser.add_argument("--python", default=sys.executable, help="with torch")
    parser.add_argument("--keras-python", default=sys.executable, help="with keras, tensorflow, jax")
    parser.add_argument("--program", help="crates/elman/examples/train_step.rs; built if absent")
    parser.add_argument("--results", default=os.path.join(turns.ROOT, "bench", "results"), help="folder for the table")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program or built())
    parts = [f"# Whole training steps\n\n{turns.machine()}, {arguments.threads} threads, f32, median of {arguments.rounds} rounds."]
    for model in arguments.models.split(","):
        if model not in MODELS:
            parser.error(f"no model `{model}`: there are {', '.join(MODELS)}")
        print(model, flush=True)
        parts.append(measured(model, program, arguments))
    text = "\n\n".join(parts)
    print(text)
    os.makedirs(arguments.results, exist_ok=True)
    with open(os.path.join(arguments.results, "models.md"), "w") as file:
        file.write(text)


def built():
    command = ["cargo", "build", "--release", "-p", "elman", "--example", "train_step"]
    subprocess.run(command, check=True, cwd=turns.ROOT)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(turns.ROOT, "target"))
    return os.path.join(target, "release", "examples", "train_step")


if __name__ == "__main__":
    main()
