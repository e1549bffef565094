"""What a work of the bench has found out: rows of figures, with the goals they are held against."""

import statistics
from dataclasses import asdict, dataclass, field


@dataclass
class Goal:
    """One promise of a row: a figure for each round, and what their median is to be at most (or at least)."""

    what: str  # "x the bare ttyd"
    limit: float
    figures: list
    at_least: bool = False

    @property
    def figure(self):
        return statistics.median(self.figures)

    @property
    def met(self):
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit

    @property
    def text(self):
        return f"{'at least' if self.at_least else 'at most'} {number(self.limit)} {self.what}"

    @property
    def verdict(self):
        return "met" if self.met else "MISSED"


@dataclass
class Row:
    """One comparison: what each way measured in each round, termd first."""

    what: str
    unit: str
    ways: dict
    goals: list = field(default_factory=list)
    note: str = ""  # what somebody who reads the figures has to know

    def as_json(self):
        goals = [asdict(goal) | {"figure": goal.figure, "met": goal.met} for goal in self.goals]
        return {"what": self.what, "unit": self.unit, "note": self.note, "ways": self.ways, "goals": goals}

    @staticmethod
    def of_json(read):
        goals = [Goal(g["what"], g["limit"], g["figures"], g["at_least"]) for g in read["goals"]]
        return Row(read["what"], read["unit"], read["ways"], goals, read["note"])


def ratios(these, those):
    """Round by round: both had the same neighbours."""
    return [one / other for one, other in zip(these, those, strict=True)]


def in_turn(rounds, ways):
    """What each way measures, a list each; A B A B, so that a machine that drifts does not decide."""
    measured = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            measured[name].append(measure())
    return measured


def number(value):
    """With as many digits as mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def spread(values):
    """The median, and from where to where the rounds went."""
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({number(min(values))} to {number(max(values))})"


def lines(row):
    """A row for a terminal: what each way measured, then goal, figure and verdict."""
    yield f"{row.what}, {row.unit}"
    for name, values in row.ways.items():
        yield f"    {name:34} {spread(values)}"
    for goal in row.goals:
        yield f"  {goal.verdict:6}  goal: {goal.text}; figure: {spread(goal.figures)}"


def table(works):
    """All goals in one table."""
    yield f"{'work':11} {'comparison':48} {'goal':44} {'figure':>24}  verdict"
    for work, rows in works.items():
        for row in rows:
            for goal in row.goals:
                yield f"{work:11} {row.what:48} {goal.text:44} {spread(goal.figures):>24}  {goal.verdict}"
