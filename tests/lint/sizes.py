#!/usr/bin/env python3
"""No C++ file over 400 lines, no function over 60.

    sizes.py [ROOT]     prints FILE:LINE: what is too long, and ends with 1 when something is

Functions are found by their braces: comments and literals are blanked out first, bodies of namespaces and classes are
looked into, and any other brace that follows a parameter list begins a function. A lambda belongs to the function around it.
"""

import os
import re
import sys

FILE_LINES, FUNCTION_LINES = 400, 60
FOLDERS = ("common", "os", "protocol", "supervisor", "cli", "tests")

# What is longer for a reason: a file, or "file: function". The reason is for people. One that is not needed any more is
# an error as well.
EXCEPTIONS = {
    "supervisor/platform/config_schema.cpp: all_sections": "one table: every section and key of the configuration",
    "tests/platform/http_server_test.cpp": "short tests of one server, which share a fixture and a client",
    "tests/unit/model/session_machine_test.cpp": "short tests, one for each thing that can happen to a session",
}

# A raw string, a string, a character, a comment. A digit separator (1'000) is no character.
BLANKED = re.compile(
    r'R"(?P<mark>[^()\\ ]{0,16})\((?:.|\n)*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*(?:.|\n)*?\*/'
)
TEMPLATE_HEAD = re.compile(r"\btemplate\s*<[^()]*?>(?=\s*(?:[\w:~\[]|$))")
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|extern)\b")
# A list of parameters and what may stand between it and the body, members' initialisers at the end.
HEAD = re.compile(r"\)(?:\s|const|noexcept|override|final|mutable|&|->[\w:<>,&*\s]+)*(?::(?!:).*)?$", re.DOTALL)
NAME = re.compile(r"([\w:~]+|operator\s*\S+?)\s*\(")


def blank(text):
    """The text with literals, comments and directives made of blanks; lines stay where they are."""
    without_directives = re.sub(r"(?m)^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", as_blanks, text)
    return BLANKED.sub(as_blanks, without_directives)


def as_blanks(found):
    return re.sub(r"[^\n]", " ", found[0])


def closing(text, opening):
    """Where the brace that opens at `opening` is closed."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError("a brace is never closed")


def functions(text):
    """Every function of a blanked text that is not inside another: (name, first line, number of lines)."""
    at = start = 0  # start: where what stands before the next brace begins
    while at < len(text):
        if text[at] in ";}":
            start = at + 1
        elif text[at] == "{" and (text[at - 1].isalnum() or text[at - 1] in "_>]"):
            at = closing(text, at)  # an initialiser: nothing stands between a name and its brace
        elif text[at] == "{":
            before = TEMPLATE_HEAD.sub(as_blanks, text[start:at])
            if SCOPE.search(before) and not before.rstrip().endswith(")"):
                start = at + 1
            else:
                end = closing(text, at)
                if HEAD.search(before) and (name := NAME.search(before)):
                    first = text.count("\n", 0, start + name.start(1)) + 1
                    yield name[1], first, text.count("\n", 0, end) + 2 - first
                at, start = end, end + 1
        at += 1


def sources(root):
    for folder in FOLDERS:
        for directory, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                if name.endswith((".cpp", ".hpp")):
                    yield os.path.relpath(os.path.join(directory, name), root)


def too_long(path, text):
    """What of a file is too long: (its name in EXCEPTIONS, what to say about it)."""
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield path, f"{path}:1: the file has {lines} lines, more than {FILE_LINES}"
    for name, first, length in functions(blank(text)):
        if length > FUNCTION_LINES:
            yield f"{path}: {name}", f"{path}:{first}: {name} has {length} lines, more than {FUNCTION_LINES}"


def problems(root, exceptions):
    found, used, count = [], set(), 0
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for name, words in too_long(path, file.read()):
                used.add(name)
                found += [] if name in exceptions else [words]
        count += 1
    found += [f"{name}: is no exception any more" for name in exceptions if name not in used]
    return found, count


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../..")
    found, count = problems(root, EXCEPTIONS)
    for problem in found:
        print(problem)
    if not found:
        print(f"{count} files, and none of them nor a function in them is too long")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
