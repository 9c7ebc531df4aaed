"""Run the bad inputs of the command line, and write them to the documentation.

``python -m tests.fence.command_table`` runs all, one process at a time, ``... signal`` those with ``signal`` in their
name; with ``--write`` their rows of the page are replaced. Exit code 1 where one does something else than expected.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fence import command_before, command_content, command_ends, command_settings, command_stores
from tests.fence.command_input import ROOT, CommandInput, Measured, make_study, run
from tests.fence.table import shown

PAGE = Path(__file__).parents[2] / "docs" / "development" / "bad-input.md"
HEAD = "| kind | input | exit code: what is said | s | MB | test |\n|---|---|---|---|---|---|\n"
BEFORE = "## Before\n"
LONGEST_NAME = 70


def inputs() -> list[CommandInput]:
    """Return every input, in the order of the page."""
    return [*command_settings.inputs(), *command_content.inputs(), *command_stores.inputs(), *command_ends.inputs()]


def counted() -> str:
    """Return the beginning of the section of the inputs: how many there are, with those of files."""
    from tests.fence.malformed import kinds  # imports the readers, see `counted_apart`

    files = kinds()
    readers, damages = ({getattr(kind, name) for kind in files} for name in ("reader", "name"))
    return (
        f"## Inputs\n\n{len(inputs())} commands, besides the {len(files):,} files of "
        f"[Malformed inputs](malformed.md), which are {len(damages)} damages of {len(readers)} formats.\n\n"
    )


def counted_apart() -> str:
    """Return the same, from a process of its own.

    A process begins with the peak memory of the one that starts it, so this one has to stay small.
    """
    words = [sys.executable, "-c", "from tests.fence.command_table import counted; print(counted(), end='')"]
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def main() -> int:
    """Run the inputs that are asked for, print what each does, and with ``--write`` write the page."""
    texts = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [one for one in inputs() if not texts or any(text in str(one) for text in texts)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        trained = Path(folder, "trained")
        make_study(trained, is_trained=any(one.study for one in chosen))
        for one in chosen:
            measured = run(one, trained)
            failed += bool(measured.faults)
            faults = f": {'; '.join(measured.faults)}" if measured.faults else ""
            times = f"{measured.seconds:.1f} s, {measured.wall:.1f} s of waiting and work, {measured.memory_mb} MB"
            print(
                f"{'FAULT' if faults else 'ok'} {one}{faults}\n  {measured.code}: {measured.line[:500]}\n  {times}",
                flush=True,
            )
            if "--write" in sys.argv and not faults:
                write(rows_of_page() | {start(one): row(one, measured)})
    print(f"{len(chosen)} inputs, {failed} with faults")
    return int(failed > 0)


def start(one: CommandInput) -> str:
    """Return the beginning of the row of an input."""
    return f"| {one.group} | {cell(one.name)} |"


def row(one: CommandInput, measured: Measured) -> str:
    said = shown(measured.line) if measured.line else ""
    numbers = f"{measured.seconds:.1f} | {measured.memory_mb:,}"
    return f"{start(one)} {measured.code}{': ' if said else ''}{said} | {numbers} | {one.covered} |"


def cell(name: str) -> str:
    """Return a name as code where it has signs of Markdown, cut."""
    name = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    return f"`{name}`".replace("|", "\\|") if set(name) & set("=[]{}*_<>$/") else name


def rows_of_page() -> dict[str, str]:
    """Return the rows that the page has, by their beginnings, of inputs that are still there."""
    table = PAGE.read_text(encoding="utf-8").partition(HEAD)[2].splitlines()
    begins = [start(one) for one in inputs()]
    return {begin: line for begin in begins for line in table if line.startswith(begin)}


def write(rows: dict[str, str]) -> None:
    """Write the section of the older version and the rows, in the order of the inputs, after the text of the page."""
    text = PAGE.read_text(encoding="utf-8").partition(HEAD)[0].partition(BEFORE)[0]
    lines = [rows[begin] for begin in map(start, inputs()) if begin in rows]
    PAGE.write_text(
        text + command_before.section() + counted_apart() + HEAD + "\n".join(lines) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
