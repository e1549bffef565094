#!/usr/bin/env python3
"""Who may include whom, and what the pure folders must not see.

    layers.py [ROOT]     prints FILE:LINE: RULE: what is wrong, and ends with 1 when something is

Reads every #include of the programs (not of the tests). The table below is the design's; a folder that is not in it is
an error, so that a new one gets its place here first.
"""

import os
import re
import sys

MODEL, ENGINE, PLATFORM, API, SHIM = (
    f"supervisor/{name}" for name in ("model", "engine", "platform", "api", "shim")
)

# A folder (with all below it) sees itself and these. `supervisor` itself is main.cpp, daemon.cpp and news.cpp.
SEES = {
    "common": set(),
    "os": {"common"},
    "protocol": {"common"},
    MODEL: {"common", "protocol"},
    ENGINE: {"common", "protocol", MODEL},
    PLATFORM: {"common", "os", "protocol", ENGINE, MODEL},
    API: {"common", "os", "protocol", ENGINE, MODEL},
    SHIM: {"common", "os", "protocol"},
    "cli": {"common", "os", "protocol"},
    "supervisor": {"common", "os", "protocol", MODEL, ENGINE, PLATFORM, API},
}

# Decisions are functions of what they are given: no clock, descriptor, environment or random number.
PURE = {"common", "protocol", MODEL, ENGINE}
IMPURE_HEADERS = re.compile(
    r"""^( unistd\.h | fcntl\.h | poll\.h | time\.h | ctime | dirent\.h | netdb\.h | arpa/inet\.h | netinet/.* | random
         | thread | mutex | condition_variable | future | fstream | iostream | filesystem | cstdio
         | sys/(socket|stat|wait|time|random|un|mman|ioctl|epoll|timerfd|signalfd|prctl|syscall)\.h
         | boost/(asio|beast|process|filesystem)(/.*|\.hpp) | spdlog/.* | sqlite3\.h | systemd/.* )$""",
    re.VERBOSE,
)
IMPURE_WORDS = re.compile(r"\b(?:system|steady|high_resolution)_clock::now\b|\b(?:secure_)?getenv\b|\brandom_device\b")
# What is allowed all the same: it computes and asks the system nothing.
PURE_ALL_THE_SAME = {
    ("supervisor/model/grammar.cpp", "arpa/inet.h"): "inet_pton(3) reads addresses",
    ("supervisor/model/known_hosts.cpp", "arpa/inet.h"): "inet_pton(3) and inet_ntop(3) write addresses in one way",
    ("supervisor/model/target_rules.cpp", "arpa/inet.h"): "inet_pton(3) reads addresses",
    ("common/time.cpp", "cstdio"): "snprintf(3) writes a time",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<ours>[^"]+)"|<(?P<theirs>[^>]+)>)')


def folder_of(path):
    """The longest entry of the table that the path lies below, or None."""
    fitting = [folder for folder in SEES if path.startswith(folder + "/")]
    return max(fitting, key=len, default=None)


def sources(root):
    for top in sorted({folder.split("/")[0] for folder in SEES}):
        for directory, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".cpp", ".hpp")):
                    yield os.path.relpath(os.path.join(directory, name), root)


def is_own_level(path):
    """Whether a file below supervisor/ lies in one of the folders there, or is one of the few beside them."""
    return folder_of(path) != "supervisor" or path.count("/") == 1


class Check:
    def __init__(self, root):
        self.root = root
        self.problems = []
        self.edges = {}  # (from folder, to folder): the first place of it

    def run(self):
        for path in sources(self.root):
            if not is_own_level(path):
                self.complain(path, 1, "unknown folder", "this folder has no place in tests/lint/layers.py")
                continue
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    self.look(path, number, line)
        self.find_cycles()
        return self.problems

    def complain(self, path, number, rule, text):
        self.problems.append(f"{path}:{number}: {rule}: {text}")

    def look(self, path, number, line):
        found = INCLUDE.match(line)
        if found and found["ours"]:
            self.look_at_ours(path, number, found["ours"])
        elif found:
            self.look_at_theirs(path, number, found["theirs"])
        elif folder_of(path) in PURE and (word := IMPURE_WORDS.search(line.split("//")[0])):
            self.complain(path, number, "pure folder", f"{folder_of(path)} uses {word[0]}")

    def look_at_ours(self, path, number, included):
        here, there = folder_of(path), folder_of(included)
        if not os.path.isfile(os.path.join(self.root, included)):
            self.complain(path, number, "named by folder", f'"{included}" is no file below the top of the tree')
        elif there is None:
            self.complain(path, number, "layer", f'"{included}" is in no folder of the programs')
        elif there != here:
            self.edges.setdefault((here, there), f"{path}:{number}")
            if there not in SEES[here]:
                self.complain(path, number, "layer", f'{here} must not see {there} ("{included}")')

    def look_at_theirs(self, path, number, included):
        if folder_of(path) not in PURE or not IMPURE_HEADERS.match(included):
            return
        if (path, included) not in PURE_ALL_THE_SAME:
            self.complain(path, number, "pure folder", f"{folder_of(path)} includes <{included}>")

    def find_cycles(self):
        """Each folder that is reached again from itself, by the shortest way."""
        for start in sorted({here for here, _ in self.edges}):
            ways, reached = [[start]], set()
            while ways:
                way = ways.pop(0)
                for here, there in sorted(self.edges):
                    if here != way[-1] or there in reached:
                        continue
                    reached.add(there)
                    ways.append([*way, there])
                    if there == start and start == min(ways[-1]):
                        place, number = self.edges[(way[0], ways[-1][1])].rsplit(":", 1)
                        self.complain(place, number, "cycle", " → ".join(ways[-1]))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../..")
    problems = Check(root).run()
    for problem in problems:
        print(problem)
    if not problems:
        print("every include is where it may be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
