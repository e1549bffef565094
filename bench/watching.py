"""What processes use, read from /proc, and where they run."""

import os
from pathlib import Path


def cpu_seconds(*pids):
    """How long all their threads have run."""
    threads = (path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(path.read_text().split()[0]) for path in threads) / 1e9


def memory_kib(pid, *kinds):
    """Of /proc/PID/smaps_rollup, in KiB: "Rss", or "Private_Clean" and "Private_Dirty", summed."""
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return sum(int(line.split()[1]) for line in lines if line.split(":")[0] in kinds)


def private_kib(pid):
    return memory_kib(pid, "Private_Clean", "Private_Dirty")


def alone_on_its_core(pid):
    """Puts a server on one core; the words that go before a command put that on another."""
    cores = sorted(os.sched_getaffinity(0))
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), cores[:1])
    return ["taskset", "--cpu-list", str(cores[-1])]
