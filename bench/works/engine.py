"""The engine alone, with fakes around it: what an operation costs among many sessions, beside what it costs among a thousand."""

import subprocess

from support.termd import build_directory

from results import Goal, Row, ratios
from surroundings import pick

COUNTS = pick((1_000, 100_000, 1_000_000), (1_000,))


def measured():
    """Nanoseconds by operation, a list in the order of COUNTS."""
    command = [build_directory() / "bench/engine_bench", *map(str, COUNTS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: [float(value) for value in values] for name, *values in lines}


def rows():
    runs = [measured()]  # a million sessions take a minute
    for operation in runs[0]:
        ways = {f"{count:,}": [run[operation][n] for run in runs] for n, count in enumerate(COUNTS)}
        few, *many = ways.values()
        goals = [Goal(f"x with {COUNTS[0]:,}, at {count:,}", 2, ratios(values, few)) for count, values in zip(COUNTS[1:], many)]
        yield Row(operation, "ns", ways, goals)
