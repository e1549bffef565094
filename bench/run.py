#!/usr/bin/env python3
"""Runs the works of the bench and says what came out; scripts/bench starts it."""

import argparse
import datetime
import importlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

import document  # noqa: E402
import guard  # noqa: E402
import results  # noqa: E402
import surroundings  # noqa: E402

WORKS = {
    "opening": "sessions are opened, one after the other and by sixteen callers",
    "restarting": "a worker is killed",
    "requests": "small questions and lists, on one and on sixteen connections",
    "closing": "a worker that ignores signals is closed while others ask",
    "memory": "what termd, its helpers and others need",
    "probing": "what it costs to know that everybody's worker answers",
    "adoption": "termd is killed, and the next one takes its sessions up",
    "terminal": "keys and output on their way through attach and shim",
    "engine": "the session table alone, among up to a million sessions",
}


def machine():
    """What the figures were taken on."""
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    with open("/etc/os-release") as lines:
        system = next(line.split("=", 1)[1].strip().strip('"') for line in lines if line.startswith("PRETTY_NAME="))
    commit = ["git", "-C", str(surroundings.CHECKOUT), "describe", "--always", "--dirty"]
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": system,
        "kernel": platform.release(),
        "commit": subprocess.run(commit, capture_output=True, text=True).stdout.strip() if shutil.which("git") else "",
        "load_at_start": os.getloadavg()[0],
    }


def optimised():
    options = (surroundings.build_directory() / "meson-info/intro-buildoptions.json").read_text()
    return re.search(r'"name": "optimization", "value": "[23s]"', options)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="termd beside what people would use instead.")
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(WORKS) + "; all when none is named")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--short", action="store_true", help="everything once and small: for breakage, not for figures")
    parser.add_argument("--document", metavar="FILE", help="measure nothing: put the figures of that file into docs/performance.md")
    parser.add_argument("--list", action="store_true", help="measure nothing: name the works")
    given = parser.parse_args()
    if unknown := [name for name in given.works if name not in WORKS]:
        parser.error(f"no such work: {' '.join(unknown)}; there are {' '.join(WORKS)}")
    return given


def measure(names, keep):
    """The rows of each work, said as they come and kept after each work; and the works that broke off."""
    works, broken = {}, []
    for name in names:
        print(f"\n{name}: {WORKS[name]}", flush=True)
        began, works[name] = time.monotonic(), []
        try:
            for row in importlib.import_module(f"works.{name}").rows():
                works[name].append(row)
                print("\n".join(results.lines(row)), flush=True)
        except Exception:  # the others have their say all the same
            traceback.print_exc()
            broken.append(name)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        keep(works)
    return works, broken


def main():
    given = arguments()
    if given.list:
        return print("\n".join(f"{name:12} {what}" for name, what in WORKS.items()))
    if given.document:
        return document.write(given.document)
    if not guard.is_guarded():
        sys.exit(guard.guarded([sys.executable, *sys.argv]))
    surroundings.SHORT = given.short
    if not given.short and not optimised():
        sys.exit("scripts/bench: not an optimised build: meson setup --buildtype=release build-release")
    about = {"taken": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "machine": machine(), "short": given.short}
    began = time.monotonic()

    def keep(works):
        about["seconds"] = round(time.monotonic() - began)
        rows = {name: [row.as_json() for row in of_work] for name, of_work in works.items()}
        if given.json:
            Path(given.json).write_text(json.dumps(about | {"works": rows}, indent=1) + "\n")

    works, broken = measure(given.works or list(WORKS), keep)
    print("\n" + "\n".join(results.table(works)) + f"\n\nin {about['seconds']} s, load {os.getloadavg()[0]:.1f}")
    if broken:
        sys.exit(f"scripts/bench: broken: {' '.join(broken)}")


if __name__ == "__main__":
    main()
