"""Measure the malformed inputs, and write them to the documentation: ``python -m tests.fence.table --write``.

With ``--heavy``: those that could take much, as JSON. Seconds are CPU time, so that other processes do not count.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "development" / "malformed.md"
HEAD = "| reader | input | result | s | MB |\n|---|---|---|---|---|\n"
LONGEST = 110


def main() -> int:
    """Print the table, or write it."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["SEEDBED_CACHE"] = cache
        if "--heavy" in sys.argv:
            print(json.dumps(rows(heavy=True)))
        elif "--write" in sys.argv:
            write([*rows(heavy=False), *rows(heavy=True)])
    return 0


def rows(heavy: bool) -> list[dict[str, object]]:
    """Read every kind; seconds and the most memory that the process had until then."""
    from tests.fence.malformed import kinds
    from tests.fence.outcome import read

    measured = []
    for kind in kinds():
        if kind.heavy is heavy:
            with tempfile.TemporaryDirectory() as folder:
                kind.make(kind.reader.write(Path(folder)))
                started = time.process_time()
                result = read(kind.reader, Path(folder))
                seconds = time.process_time() - started
            memory = peak_mb()
            row = {"kind": str(kind), "reader": kind.reader.name, "name": kind.name, "result": result}
            measured.append(row | {"refused": result != "result", "seconds": round(seconds, 2), "memory_mb": memory})
    return measured


def peak_mb() -> int:
    """Return the most memory that this process has had.

    On Linux, ru_maxrss begins with what the process that started this one had.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def write(measured: list[dict[str, object]]) -> None:
    """Write the table after the mark of the page."""
    text = PAGE.read_text(encoding="utf-8").partition(HEAD)[0]
    order = {name: n for n, name in enumerate(dict.fromkeys(row["reader"] for row in measured))}
    lines = [
        "| {reader} | {name} | {shown} | {seconds:.2f} | {memory_mb:,} |".format(**row, shown=shown(str(row["result"])))
        for row in sorted(measured, key=lambda row: order[row["reader"]])
    ]
    PAGE.write_text(text + HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def shown(result: str) -> str:
    """Return a result in a cell of a table: a line without its path, cut."""
    if result == "result":
        return "is read"
    text = result.lstrip("/").replace("|", "\\|").replace("<", "&lt;").replace("`", "'").replace("*", "\\*")
    text = text.replace("[", "\\[").replace("{", "&#123;").replace("_", "\\_")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


if __name__ == "__main__":
    sys.exit(main())
