"""What an older version did with the inputs of the command line, as measured then: ``before.csv``.

It was made with the lists and the fake servers of this folder and the sources of `COMMIT`; an input whose key was
unknown there is refused for that, which counts as held.
"""

import csv
from pathlib import Path

COMMIT, DATE, CPU_LIMIT_S = "87ae4d8", "30 November 2026", 45
FILE = Path(__file__).with_name("before.csv")
HELD, OTHER_WORDS, NO_COMMAND = "", "other words", "no such command"
FAILED = ("password", "traceback", "no end", "after TensorFlow", "files left", "exit code or line")
"""How an input failed: of several, the first of these."""
TEXT = f"""## Before

The same inputs with {COMMIT}, the version before this page, on {DATE}, each a process that was stopped after
{CPU_LIMIT_S} s of CPU time; `tests/fence/before.csv` has each. Each is counted once, by the first column that holds: a
password was in what was printed or written; there was a traceback; it did not end; a damaged model was refused after
TensorFlow was imported; files were left; the exit code was another one, such as 0 for a number that nothing bounded, or
there was not one line. One line with exit code 2 in other words than today's, some of which named another cause, is no
failure here. With this version none fails: a row of the table below is written only where nothing is wrong. Inputs that
were added later were not run with the older version.

"""


def rows() -> list[dict[str, str]]:
    """Return the inputs with exit code, seconds of CPU time, peak memory and how they failed."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def section() -> str:
    """Return the section of the page: by kind, how many inputs failed and how."""
    made = rows()
    columns = ("inputs", "failed", *FAILED, OTHER_WORDS, NO_COMMAND)
    lines = [f"| kind | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for kind in [*dict.fromkeys(row["kind"] for row in made), ""]:
        hows = [row["failed by"] for row in made if kind in ("", row["kind"])]
        counts = [len(hows), sum(how in FAILED for how in hows), *map(hows.count, columns[2:])]
        lines.append(f"| {kind or '**all**'} | {' | '.join(str(count) if count else '' for count in counts)} |")
    return TEXT + "\n".join(lines) + "\n\n"
