"""What Elman costs beside its layers: a cold start, long sequences, the memory of a long stream. See README.md.

    python bench/command.py [--only cold,time,memory]
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time

import numpy

import turns
from cases import Case, save
from turns import Child, figure, milliseconds

COLD = "air-passengers"  # an Lstm(32) on windows of 24 months
LENGTHS = [100, 300, 1000, 3000, 10_000, 30_000, 100_000]
ROWS = [10_000, 100_000, 1_000_000]
BPTT = """task = "forecast"
[data]
files = ["{rows}.csv"]
targets = ["value"]
[split]
valid = 500
test = 500
[forecast]
lookback = 50
horizon = 1
strategy = "sequence"
baselines = ["last_value"]  # the others keep all their windows
[model]
cell = "lstm"
hidden_size = 32
[train]
epochs = 1
batch_size = 32
bptt_len = 100
"""


def finished(command, watched=False, **options):
    """Runs a program to its end; returns its seconds, or where it is `watched` its peak of memory in bytes."""
    with tempfile.TemporaryFile("w+") as output:
        start, peak = time.perf_counter(), 0
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output, **options)
        # A peak in the last two milliseconds would be missed; the system's own figure counts what was before exec.
        while watched and process.poll() is None:
            peak = max(peak, turns.status(process.pid, "VmHWM"))
            time.sleep(0.002)
        if process.wait() != 0:
            output.seek(0)
            raise SystemExit(f"{' '.join(map(str, command))}\n{output.read()}")
        return peak if watched else time.perf_counter() - start


def cold(arguments, folder):
    """From the start of a process to its answer."""
    run, saved = os.path.join(folder, "run"), os.path.join(folder, "model.pt")
    finished([arguments.elman, "--quiet", "train", COLD, "--set", "train.epochs=1", "--run", run])
    bench = {"cwd": os.path.join(turns.ROOT, "bench")}
    torch = [arguments.python, "-m", "peers.cold_start"]
    finished([*torch, "save", saved, 1, 32, 24], **bench)
    commands = {
        "elman": lambda **watched: finished([arguments.elman, "--quiet", "forecast", run], **watched),
        "torch": lambda **watched: finished([*torch, "answer", saved, 24], **bench, **watched),
    }
    side = lambda run: lambda repetitions: [1000 * run() for _ in range(repetitions)]
    timings, _ = turns.take_turns({name: side(command) for name, command in commands.items()}, arguments.rounds)
    memory = {name: command(watched=True) / 2**20 for name, command in commands.items()}
    titles = {"elman": f"`elman forecast` on a run of `{COLD}`", "torch": "Python: import torch, load an LSTM of that size, answer"}
    rows = [
        [title, figure(timings[name].median), f"{figure(timings[name].ratio(timings['elman']))} ×", f"{memory[name]:.0f}"]
        for name, title in titles.items()
    ]
    return "## Cold start\n\n" + turns.table(["process start to answer", "ms", "ratio", "peak MiB"], rows)


def exponent(lengths, times):
    """Of the power of T that fits best, each length with the same weight."""
    return numpy.polyfit(numpy.log(lengths), numpy.log(times), 1)[0]


def growth(arguments, folder):
    """How the cost of a sequence grows with its length."""
    child = Child([arguments.program, "kernels", "--threads", arguments.threads], arguments.threads)
    path, rows = os.path.join(folder, "case.safetensors"), []
    try:
        for length in LENGTHS:
            case = Case("lstm", 1, length, 64, 128)
            save(path, case.arrays())
            child.ask("case", *case.words, path)
            sides = {mode: milliseconds(child, mode) for mode in ("forward", "train")}
            timings, _ = turns.take_turns(sides, arguments.rounds)
            rows.append([length, timings["forward"].median, timings["train"].median])
    finally:
        child.end()
    lengths, *modes = zip(*rows)
    fitted = [f"T^{exponent(lengths, times):.3f}" for times in modes]
    lines = [[f"{length:,}", *(f"{figure(ms)} ({figure(1000 * ms / length)} µs a step)" for ms in times)] for length, *times in rows]
    header = ["T", "forward, ms", "forward and every gradient, ms"]
    title = f"## Cost against T\n\nLstm kernels, batch 1, input 64, hidden 128, {arguments.threads} threads.\n\n"
    return title + turns.table(header, [*lines, ["fitted", *fitted]])


def memory(arguments, folder):
    """The peak of training over one long stream in chunks of `bptt_len`, beside that of only reading the data."""
    lines = []
    for rows in ROWS:
        with open(os.path.join(folder, f"{rows}.csv"), "w") as file:
            file.write("value\n")
            file.writelines(f"{math.sin(0.1 * row) + 0.3 * math.sin(0.013 * row):.4f}\n" for row in range(rows))
        with open(os.path.join(folder, f"{rows}.toml"), "w") as file:
            file.write(BPTT.format(rows=rows))
        recipe = f"{rows}.toml"
        peaks = [
            finished([arguments.elman, "--quiet", *command], watched=True, cwd=folder) / 2**20
            for command in (["recipe", "check", recipe], ["train", recipe, "--run", str(rows)])
        ]
        lines.append([f"{rows:,}", *(f"{peak:.0f}" for peak in peaks), f"{peaks[1] - peaks[0]:.0f}"])
    header = ["rows", "reading the data, MiB", "training, MiB", "more"]
    return "## Peak memory with `bptt_len`\n\nLstm(32), 32 streams, chunks of 100 rows.\n\n" + turns.table(header, lines)


def main():
    parts = {"cold": cold, "time": growth, "memory": memory}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(parts), help="what to measure; several by commas")
    parser.add_argument("--rounds", type=turns.count, default=5)
    parser.add_argument("--threads", type=turns.count, default=2)
    parser.add_argument("--python", default=sys.executable, help="with torch")
    parser.add_argument("--elman", help="the command; built if absent")
    parser.add_argument("--program", help="elman-bench; built if absent")
    parser.add_argument("--results", default=os.path.join(turns.ROOT, "bench", "results"), help="folder for the tables")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    unknown = set(chosen) - set(parts)
    if unknown:
        parser.error(f"`{unknown.pop()}` is none of {', '.join(parts)}")
    arguments.elman = turns.program(arguments.elman, "Cargo.toml", "elman")
    arguments.program = turns.program(arguments.program, "bench/program/Cargo.toml", "elman-bench")
    os.makedirs(arguments.results, exist_ok=True)
    text = f"# Elman beside its layers\n\n{turns.machine()}.\n"
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            part = parts[name](arguments, folder)
            print(part, flush=True)
            text += f"\n{part}"
            with open(os.path.join(arguments.results, "command.md"), "w") as file:
                file.write(text)


if __name__ == "__main__":
    main()
