"""The fused Lstm's training step against PyTorch's nn.LSTM, run in turn on the same machine.

    cargo build --release -p elman-kernels --example time_step
    python bench/lstm_step.py target/release/examples/time_step [threads] [rounds]

Both compute, in float32, the output from a given input and state, and then every gradient (weights, biases, input and
state). Rounds run one after the other, each side in turn; a round's figure is the median of its calls, the table's the median
of the rounds.
"""

import statistics
import subprocess
import sys
import time

import torch

SHAPES = [(1, 100, 64, 128), (32, 50, 1, 20), (32, 50, 32, 32), (32, 100, 128, 128), (32, 100, 256, 256), (64, 100, 512, 512)]


def elman(program, shape, threads, repetitions):
    """Milliseconds of one forward that saves and one backward."""
    arguments = [program, "lstm", *map(str, shape), str(threads), str(repetitions)]
    lines = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [[float(cell) for cell in line.split()] for line in lines if line[:1].isdigit()]
    return statistics.median(row[1] + row[2] for row in rows)


def pytorch(shape, repetitions):
    batch, steps, inputs, hidden = shape
    layer = torch.nn.LSTM(inputs, hidden, batch_first=True)
    x = torch.randn(batch, steps, inputs, requires_grad=True)
    state = [torch.randn(1, batch, hidden, requires_grad=True) for _ in range(2)]
    d_output = torch.randn(batch, steps, hidden)
    leaves = [x, *state, *layer.parameters()]
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        output, _ = layer(x, tuple(state))
        torch.autograd.grad(output, leaves, d_output)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main():
    program = sys.argv[1]
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    torch.set_num_threads(threads)
    print(f"{threads} threads, PyTorch {torch.__version__}; milliseconds of a training step, ratio PyTorch / Elman")
    print("| (batch, time, input, hidden) | Elman | PyTorch | ratio |\n|---|---|---|---|")
    for shape in SHAPES:
        work = shape[0] * shape[1] * shape[3] * (shape[2] + shape[3])
        repetitions = max(10, min(500, 6_000_000_000 // work))
        pairs = [(elman(program, shape, threads, repetitions), pytorch(shape, repetitions)) for _ in range(rounds)]
        ours, theirs = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"| {shape} | {ours:.3f} | {theirs:.3f} | {ratio:.2f} |", flush=True)


main()
