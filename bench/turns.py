"""Programs that take turns: each a child process that answers a line per command, so that all are timed in one run."""

import json
import os
import queue
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Refused(Exception):
    """The child cannot do what it was asked; the message says why."""


class Child:
    """A program that reads commands on standard input and answers each with a line, `ok …` or `no REASON`.

    It is started with the first command, and anew after it was lost.
    """

    def __init__(self, command, threads=None, log=os.devnull, patience=60.0, memory=None):
        """`threads`: how many CPUs it may run on. `patience`: seconds that one answer may take. `memory`: bytes that it may
        hold."""
        self.command, self.threads, self.log = [str(word) for word in command], threads, log
        self.patience, self.memory = patience, memory
        self.process, self.lines = None, None

    def ask(self, *words):
        """The words of the answer after `ok`. Raises `Refused` with the reason where there is none."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its end is read below
        verdict, _, rest = self.answer().partition(" ")
        if verdict != "ok":
            raise Refused(rest)
        return rest.split()

    def start(self):
        cpus = sorted(os.sched_getaffinity(0))[: self.threads]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=os.path.join(ROOT, "bench"),
                preexec_fn=lambda: os.sched_setaffinity(0, cpus),
            )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, args=(self.process.stdout, self.lines), daemon=True).start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.put(line.strip())
        lines.put(None)

    def answer(self):
        deadline = time.monotonic() + self.patience
        while True:
            try:
                line = self.lines.get(timeout=0.5)
            except queue.Empty:
                if time.monotonic() > deadline:
                    self.lost(f"no answer within {self.patience:.0f} s")
                if self.memory and status(self.process.pid, "VmRSS") > self.memory:
                    self.lost(f"needs more than {self.memory / 2**30:.0f} GiB")
                continue
            if line is None:
                self.lost(f"ended by itself, see {os.path.basename(self.log)}")
            return line

    def lost(self, reason):
        self.end()
        raise Refused(reason)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def status(pid, key):
    """Bytes by a key of /proc/PID/status: `VmRSS` now, `VmHWM` at most; 0 where the process is gone."""
    try:
        with open(f"/proc/{pid}/status") as lines:
            return next((1024 * int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


@dataclass
class Timing:
    """Milliseconds: the median of the calls of each round, by round."""

    rounds: dict = field(default_factory=dict)

    @property
    def median(self):
        return statistics.median(self.rounds.values())

    def ratio(self, other):
        """How many times as long this took: the median over the rounds in which both were timed."""
        return statistics.median(self.rounds[r] / other.rounds[r] for r in self.rounds if r in other.rounds)


def take_turns(sides, rounds, seconds=0.25, pause=0.05):
    """Times several sides in turn. `sides` maps a name to a function from a number of repetitions to milliseconds of each.

    Each round gives a side about `seconds`; a side whose single call takes eight times that has its turn in the first round
    only. Returns `Timing` by name, and by name the reason why a side has none.
    """
    timings, refused, repetitions = {}, {}, {}
    for name, side in sides.items():
        try:
            once = min(side(1))
            if once < 1000 * seconds:  # the first call may have been slow for being the first
                once = min(side(2))
            repetitions[name] = int(max(1, min(2000, 1000 * seconds / max(once, 1e-6)))), once > 8000 * seconds
            timings[name] = Timing()
        except Refused as refusal:
            refused[name] = str(refusal)
    for round in range(rounds):
        for name, timing in list(timings.items()):
            count, slow = repetitions[name]
            if slow and round > 0:
                continue
            time.sleep(pause)  # threads of the one before may still be spinning
            try:
                times = sides[name](count)
                timing.rounds[round] = statistics.median(times)
            except Refused as refusal:
                refused[name] = str(refusal)
                del timings[name]
    return timings, refused


def milliseconds(child, *words):
    """A side for `take_turns`: asks a child for a number of repetitions."""
    return lambda repetitions: [float(word) for word in child.ask(*words, repetitions)]


def counts(text):
    """Numbers of at least 1, separated by commas, for argparse."""
    numbers = [int(number) for number in text.split(",")]
    if min(numbers) < 1:
        raise ValueError(f"`{text}` holds a number below 1")
    return numbers


def count(text):
    """A number of at least 1, for argparse."""
    (number,) = counts(text)
    return number


def table(header, rows):
    """A Markdown table; the first column is left-aligned, the others right."""
    lines = [header, [":--"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def figure(value):
    """Three significant digits, never an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - int(f"{value:e}".split("e")[1]))
    return f"{value:.{digits}f}"


def machine():
    """The processor, in words."""
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown processor")
    return f"{model}, {len(os.sched_getaffinity(0))} CPUs"


def program(path, manifest, name):
    """The given program, or else one of this repository's packages, built in release mode."""
    if path:
        if not os.access(path, os.X_OK):
            raise SystemExit(f"`{path}` is no program that can be run")
        return os.path.abspath(path)
    command = ["cargo", "build", "--release", "--message-format=json", "--manifest-path", os.path.join(ROOT, manifest)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"cannot build {manifest}")
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    raise SystemExit(f"{manifest} builds no program `{name}`")
