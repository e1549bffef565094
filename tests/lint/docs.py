#!/usr/bin/env python3
"""docs/operations.md names everything that can turn up: errors, reasons of ends, metrics. And no document points to nothing.

    tests/lint/docs.py ROOT
"""

import re
import sys
from pathlib import Path


def vocabulary(root):
    """What has to have a row of its own: (kind, word) for each word of the programs' tables."""
    errors = (root / "common/errc.cpp").read_text()
    ends = (root / "protocol/vocabulary.hpp").read_text()
    metrics = (root / "supervisor/api/metrics.cpp").read_text()
    reasons = re.search(r"enum class end_reason \{(.*?)\};", ends, re.S)[1]
    yield from (("error", word) for word in re.findall(r'errc_info\{\w+, "(\w+)"', errors))
    yield from (("reason", word) for word in re.findall(r"^\s*(\w+),", reasons, re.M))
    yield from (("metric", word) for word in sorted(set(re.findall(r'"(termd_\w+)"', metrics))))


def rows(text):
    """The words that stand as code in the first cell of a table's row."""
    first_cells = re.findall(r"^\| ([^|]*) \|", text, re.M)
    return {word for cell in first_cells for word in re.findall(r"`(\w+)", cell)}


def missing(root):
    said = rows((root / "docs/operations.md").read_text())
    return [f"docs/operations.md: no row for the {kind} {word}" for kind, word in vocabulary(root) if word not in said]


def documents(root):
    return [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("examples/**/*.md")]


def dead_links(root):
    for document in documents(root):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
            if "://" not in target and not (document.parent / target).exists():
                yield f"{document.relative_to(root)}: {target} is not there"


def main():
    root = Path(sys.argv[1])
    problems = [*missing(root), *dead_links(root)]
    print(*problems, sep="\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
