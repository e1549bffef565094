"""Puts the figures of a run into docs/performance.md, between the marks <!-- bench: WORK --> and <!-- end -->."""

import json
import re
import sys

from results import Row, spread
from surroundings import CHECKOUT

DOCUMENT = CHECKOUT / "docs/performance.md"
FIGURES = CHECKOUT / "docs/performance.json"


def table(header, lines):
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def verdicts(works):
    """One line for each goal of all works."""
    lines = [[work, row.what, goal.text, spread(goal.figures), goal.verdict.lower()] for work, rows in works.items() for row in rows for goal in row.goals]
    return table(["work", "what", "goal", "figure", "verdict"], lines)


def figures(rows):
    """What each way measured."""
    lines = [[row.what if n == 0 else "", name, spread(values), row.unit] for row in rows for n, (name, values) in enumerate(row.ways.items())]
    return table(["what", "of", "median (from, to)", "unit"], lines)


def machine(read):
    on = read["machine"]
    return (
        f"Taken at {read['taken']} in {read['seconds']} s, termd {on['commit'] or 'of an unknown commit'}: {on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, "
        f"{on['system']}, Linux {on['kernel']}; load of the machine at the start {on['load_at_start']:.1f}."
    )


def filled(text, read):
    """The text with everything between marks made anew."""
    works = {name: [Row.of_json(row) for row in rows] for name, rows in read["works"].items()}

    def content(name):
        if name == "machine":
            return machine(read)
        return verdicts(works) if name == "goals" else figures(works.get(name, []))

    mark = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
    return mark.sub(lambda found: f"{found[1]}{content(found[2])}\n{found[3]}", text)


def write(file):
    with open(file) as figures_of_a_run:
        read = json.load(figures_of_a_run)
    if read["short"]:
        sys.exit(f"scripts/bench: the figures of {file} are those of a short run")
    FIGURES.write_text(json.dumps(read, indent=1) + "\n")
    DOCUMENT.write_text(filled(DOCUMENT.read_text(), read))
