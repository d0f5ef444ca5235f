"""Elman's recurrent layers against its peers': the same weights and inputs, in turn, in one run. See README.md.

    python bench/layers.py                                    LSTM, every shape, every peer, 2 threads
    python bench/layers.py --peers autodiff                   Elman alone: shares of the machine's peak
    python bench/layers.py --all                              every cell, depth, direction, number of threads; hours
    python bench/layers.py --cells gru --shapes small --peers pytorch,candle --mode train --threads 1 --rounds 5
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field

import numpy

import turns
from cases import GATES, Case, load, save
from turns import Child, Refused, figure, milliseconds

SHAPES = {
    "small": [(1, 1, 32, 64), (1, 1, 256, 512), (1, 100, 64, 128), (32, 50, 1, 20), (32, 50, 32, 32)],
    "medium": [(32, 100, 128, 128), (32, 100, 256, 256), (20, 35, 650, 650), (8, 1000, 64, 256)],
    "large": [(64, 100, 512, 512), (128, 50, 512, 1024)],
}
MODES = {"forward": "Forward", "train": "Forward and every gradient", "step": "One step of a stream"}
# What must agree with the reference before a mode's times count.
CHECKED = {"forward": "output", "train": "grad.", "step": "stream"}
TOLERANCE = 1e-4
# Products of eight bits of precision.
TOLERANCES = {"bf16": 0.03, "int8": 0.06}

# By name: title, distribution or crate that has its version, and its program: of elman-bench, or a module of `peers`.
PEERS = {
    "bf16": ("Elman in bf16", "elman", ["bf16"]),
    "int8": ("Elman in int8", "elman", ["int8"]),
    "autodiff": ("Elman through autodiff", "elman", ["autodiff"]),
    "pytorch": ("PyTorch", "torch", ["peers.pytorch"]),
    "compiled": ("torch.compile", "torch", ["peers.pytorch", "--compile"]),
    "tensorflow": ("Keras, TensorFlow", "tensorflow-cpu", ["peers.keras3", "--backend", "tensorflow"]),
    "jax": ("Keras, JAX", "jax", ["peers.keras3", "--backend", "jax"]),
    "onnxruntime": ("ONNX Runtime", "onnxruntime", ["peers.onnx_runtime"]),
    "openvino": ("OpenVINO", "openvino", ["peers.open_vino"]),
    "burn": ("Burn", "burn", ["burn"]),
    "candle": ("candle", "candle-nn", ["candle"]),
}
KERNELS = "kernels"  # what the ratios are to


@dataclass
class Row:
    """A case in one mode on some threads: `Timing` by side, and why a side has none."""

    case: Case
    mode: str
    threads: int
    peak: float
    timings: dict
    refused: dict = field(default_factory=dict)

    @property
    def group(self):
        layers = ["one layer", "two layers"][self.case.layers - 1] if self.case.layers <= 2 else f"{self.case.layers} layers"
        both = ", both directions" if self.case.directions == 2 else ""
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{MODES[self.mode]}: {self.case.cell}, {layers}{both}, {threads}"

    def share(self, peak):
        """Of the peak: the products' operations by the time they took."""
        return self.case.flops(self.mode) / (1e6 * self.timings[KERNELS].median) / peak

    def cell(self, side):
        if side in self.timings:
            timing, ours = self.timings[side], self.timings[KERNELS]
            if side == "autodiff":
                more = timing.ratio(ours) - 1
                return f"{100 * more:+.1f} % ({1000 * more * ours.median:+.0f} µs)"
            return f"{figure(timing.median)} ({figure(timing.ratio(ours))} ×)"
        return "differs" if self.refused.get(side, "").startswith("differs") else "–"


def difference(found, expected):
    """The largest difference, relative to the largest value."""
    if found.size != expected.size or not numpy.isfinite(found).all():
        return numpy.inf
    largest = numpy.abs(expected).max(initial=0.0)
    return numpy.abs(found.ravel() - expected.ravel()).max(initial=0.0) / (largest or 1.0)


def faults(results, reference, mode, tolerance=TOLERANCE):
    """Why a side's results for a mode are not the reference's; empty where they are."""
    names = [name for name in reference if name.startswith(CHECKED[mode])]
    missing = [name for name in names if name not in results]
    if missing == names:
        return "computes no gradients" if mode == "train" else "gives nothing to compare"
    if missing:
        return f"gives no {', '.join(missing)}"
    worst = max(names, key=lambda name: difference(results[name], reference[name]))
    gap = difference(results[worst], reference[worst])
    return f"differs by {gap:.1e} in {worst}" if gap > tolerance else ""


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.log = os.path.join(arguments.results, "layers.log")
        open(self.log, "w").close()

    def child(self, side, threads):
        """The program of a side."""
        arguments = self.arguments
        program = [side] if side == KERNELS else PEERS[side][2]
        if program[0].startswith("peers."):
            python = arguments.keras_python if program[0] == "peers.keras3" else arguments.python
            command = [python, "-m", *program]
        else:
            command = [arguments.program, *program]
        memory = arguments.memory * 2**30
        return Child([*command, "--threads", threads], threads, self.log, arguments.patience, memory)

    def run(self):
        """Every row, printed as it is measured."""
        sides = [KERNELS, *self.arguments.peers]
        for threads in self.arguments.threads:
            children = {side: self.child(side, threads) for side in sides}
            try:
                for case in self.arguments.cases:
                    yield from self.case(case, threads, children)
            finally:
                for child in children.values():
                    child.end()

    def case(self, case, threads, children):
        path = os.path.join(self.folder, "case.safetensors")
        save(path, case.arrays())
        results, refused = {}, {}
        for side, child in children.items():
            try:
                child.ask("case", *case.words, path)
                answer = os.path.join(self.folder, "results.safetensors")
                child.ask("save", answer)
                results[side] = load(answer)
            except Refused as refusal:
                refused[side] = str(refusal)
        if KERNELS not in results:
            raise SystemExit(f"Elman's kernels: {refused[KERNELS]}")
        # PyTorch's are the reference; without it Elman's own layers are held against its kernels.
        reference = results.get("pytorch", results[KERNELS])
        peak = lambda _: [float(word) for word in children[KERNELS].ask("peak")]
        for mode in self.arguments.mode:
            if mode == "step" and (case.time > 1 or case.directions == 2):
                continue
            why = refused | {side: faults(found, reference, mode, TOLERANCES.get(side, TOLERANCE)) for side, found in results.items()}
            why = {side: reason for side, reason in why.items() if reason}
            fit = {side: milliseconds(child, mode) for side, child in children.items() if side not in why}
            timings, slow = turns.take_turns(fit | {"peak": peak}, self.arguments.rounds, self.arguments.seconds)
            row = Row(case, mode, threads, max(timings.pop("peak").rounds.values()), timings, why | slow)
            print(f"{row.group}: {case.shape}")
            for side in children:
                print(f"    {side:12} {row.cell(side) if KERNELS in timings else '–':24} {row.refused.get(side, '')}", flush=True)
            yield row


def report(rows, sides, versions):
    """Tables, and under each why a cell has no figure."""
    # The best of the run: whatever else runs on the machine can only lower it, and the shares must not gain by that.
    peaks = {threads: max(row.peak for row in rows if row.threads == threads) for threads in sorted({row.threads for row in rows})}
    reached = ", ".join(f"{peak:.0f} GFLOP/s with {threads} thread{'s' * (threads > 1)}" for threads, peak in peaks.items())
    parts = [
        "# Elman's recurrent layers against its peers'\n",
        f"{turns.machine()}. {versions}.\n",
        "Milliseconds, medians of rounds taken in turn; in brackets how many times as long as Elman's kernels. The peak is the best of "
        f"register-only fused multiply-adds, measured in every round: {reached}.\n",
    ]
    for group in dict.fromkeys(row.group for row in rows):
        here = [row for row in rows if row.group == group]
        header = ["(batch, time, input, hidden)", "Elman", "share of peak", *(PEERS[side][0] for side in sides)]
        lines, notes = [], {}
        for row in here:
            if KERNELS not in row.timings:
                lines.append([row.case.shape, row.cell(KERNELS), "–", *("–" for _ in sides)])
            else:
                ours = [figure(row.timings[KERNELS].median), f"{100 * row.share(peaks[row.threads]):.0f} %"]
                lines.append([row.case.shape, *ours, *(row.cell(side) for side in sides)])
            for side, reason in row.refused.items():
                notes.setdefault((side, reason), []).append(str(row.case.shape))
        parts += [f"## {group}\n", turns.table(header, lines)]
        title = lambda side: PEERS[side][0] if side in PEERS else "Elman"
        every = lambda shapes: "every shape" if len(shapes) == len(here) else ", ".join(shapes)
        parts += [f"- {title(side)}, {every(shapes)}: {reason}" for (side, reason), shapes in notes.items()]
        parts.append("")
    return "\n".join(parts)


def plot(rows, sides, path):
    """How many times as long as Elman each peer takes: a panel for each table."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    rows = [row for row in rows if KERNELS in row.timings]
    peers = [side for side in sides if side != "autodiff" and any(side in row.timings for row in rows)]
    groups = list(dict.fromkeys(row.group for row in rows))
    if not peers or not groups:
        return False
    heights = [sum(row.group == group for row in rows) * (0.12 * len(peers) + 0.25) + 0.9 for group in groups]
    figure, panels = pyplot.subplots(
        len(groups), 1, figsize=(8, sum(heights)), squeeze=False, height_ratios=heights, layout="constrained"
    )
    for panel, group in zip(panels[:, 0], groups):
        here = [row for row in rows if row.group == group]
        for index, side in enumerate(peers):
            points = [(y + (index - len(peers) / 2) * 0.8 / len(peers), row.timings[side].ratio(row.timings[KERNELS]))
                      for y, row in enumerate(here) if side in row.timings]  # fmt: skip
            if points:
                ys, ratios = zip(*points)
                panel.barh(ys, [ratio - 1 for ratio in ratios], 0.8 / len(peers), left=1, color=f"C{index}", label=PEERS[side][0])
        panel.set(title=group, xscale="log", yticks=range(len(here)), yticklabels=[str(row.case.shape) for row in here])
        panel.invert_yaxis()
        panel.axvline(1, color="black", linewidth=0.8)
        panel.xaxis.set_major_formatter("{x:g} ×")
        panel.legend(fontsize="x-small", loc="upper left", bbox_to_anchor=(1, 1))
    panels[-1, 0].set_xlabel("times as long as Elman's kernels (right of the line: Elman is faster)")
    figure.savefig(path)
    return True


def versions(arguments):
    """Names and versions of what was compared."""
    with open(os.path.join(turns.ROOT, "bench", "program", "Cargo.lock"), "rb") as lock:
        crates = {package["name"]: package["version"] for package in tomllib.load(lock)["package"]}
    found = {}
    for side in ["autodiff", *arguments.peers]:
        name, module = PEERS[side][1], PEERS[side][2][0]
        names = [name, "keras"] if module == "peers.keras3" else [name]
        python = arguments.keras_python if module == "peers.keras3" else arguments.python
        for name in names:
            found[name] = crates.get(name) or version(python, name)
    return ", ".join(f"{name} {number}" for name, number in found.items())


def version(python, distribution):
    script = f"import importlib.metadata; print(importlib.metadata.version({distribution!r}))"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True)
    return done.stdout.strip() or "is not installed"


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    several = lambda known: lambda text: choices(text, known)
    parser.add_argument("--cells", type=several(GATES), default=["lstm"], help=", ".join(GATES))
    parser.add_argument("--shapes", type=shapes, default="small,medium,large", help="small, medium, large, or B:T:I:H; several by commas")
    parser.add_argument("--layers", type=turns.counts, default=[1])
    parser.add_argument("--directions", type=turns.counts, default=[1], help="1, 2")
    parser.add_argument("--peers", type=several(PEERS), default=[side for side in PEERS if side != "compiled"], help=", ".join(PEERS))
    parser.add_argument("--mode", type=several(MODES), default=list(MODES), help=", ".join(MODES))
    parser.add_argument("--threads", type=turns.counts, default=[2])
    parser.add_argument("--rounds", type=turns.count, default=3)
    parser.add_argument("--seconds", type=float, default=0.25, help="of a side's turn")
    parser.add_argument("--patience", type=float, default=60, help="seconds until a peer that does not answer is given up")
    parser.add_argument("--memory", type=float, default=8, help="GiB at which a peer is given up")
    parser.add_argument("--all", action="store_true", help="every cell, peer, one and two layers and directions, 1 and 2 threads")
    parser.add_argument("--python", default=sys.executable, help="with torch, onnx, onnxruntime, openvino")
    parser.add_argument("--keras-python", default=sys.executable, help="with keras, tensorflow, jax")
    parser.add_argument("--program", help="elman-bench; built if absent")
    parser.add_argument("--results", default=os.path.join(turns.ROOT, "bench", "results"), help="folder for the tables and the plot")
    arguments = parser.parse_args()
    if max(arguments.directions) > 2:
        parser.error("argument --directions: a layer reads in 1 or 2 directions")
    if arguments.all:
        arguments.cells, arguments.peers, arguments.threads = list(GATES), list(PEERS), [1, 2]
        arguments.layers = arguments.directions = [1, 2]
    arguments.cases = [
        Case(cell, *shape, layers, directions)
        for cell in arguments.cells
        for layers in arguments.layers
        for directions in arguments.directions
        for shape in arguments.shapes
    ]
    return arguments


def choices(text, known):
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(known)}")
    return names


def shapes(text):
    found = []
    for name in text.split(","):
        try:
            found += SHAPES[name] if name in SHAPES else [tuple(int(size) for size in name.split(":"))]
        except ValueError:
            raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(SHAPES)}, nor B:T:I:H") from None
        if len(found[-1]) != 4 or min(found[-1]) < 1:
            raise argparse.ArgumentTypeError(f"`{name}` is not four sizes of at least 1, B:T:I:H")
    return found


def main():
    arguments = parsed()
    arguments.program = turns.program(arguments.program, "bench/program/Cargo.toml", "elman-bench")
    os.makedirs(arguments.results, exist_ok=True)
    path = lambda ending: os.path.join(arguments.results, f"layers.{ending}")
    rows, compared = [], versions(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            # What is measured is written at once: a run of hours may be cut off.
            for row in Bench(arguments, folder).run():
                rows.append(row)
                with open(path("md"), "w") as file:
                    file.write(report(rows, arguments.peers, compared))
        except KeyboardInterrupt:
            print("stopped; what was measured is kept")
    raw = [
        {"case": vars(row.case), "mode": row.mode, "threads": row.threads, "peak_gflops": row.peak, "refused": row.refused}
        | {"milliseconds": {side: list(timing.rounds.values()) for side, timing in row.timings.items()}}
        for row in rows
    ]
    with open(path("json"), "w") as file:
        json.dump(raw, file, indent=1)
    written = ["md", "json"] + (["svg"] if plot(rows, arguments.peers, path("svg")) else [])
    print("written:", ", ".join(path(ending) for ending in written))


if __name__ == "__main__":
    main()
