"""Labels and texts of data sets that a store or a page cannot hold, and damaged files of a study beside its record."""

import csv
import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.fence.command_input import ARMS, CommandInput
from tests.fence.command_stores import artifact

ROWS = 80


def table(*labels: str, texts: Sequence[str] = (), rows: int = ROWS) -> str:
    """Return a CSV of texts with these labels in turn; ``texts``: instead of the first ones."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["text", "label"])
    for n in range(rows):
        text = texts[n] if n < len(texts) else f"{'good fine' if n % 2 else 'bad poor'} film {n}"
        writer.writerow([text, labels[n % len(labels)]])
    return stream.getvalue()


DATA: Mapping[str, tuple[str, int, str]] = {
    # texts.csv: exit code and what is said
    "a label of 6,000 characters": (table("neg", "p" * 6000), 2, "has 6,000 characters: .* has 250 at most"),
    "a label of 400 characters": (table("neg", "p" * 400), 2, "has 400 characters: .* has 250 at most"),
    "a label with a line end": (table("neg", "po\nsitive"), 0, "report: "),
    "a label with a NUL character": (table("neg", "po\0s"), 2, "NUL"),
    "a label with escapes of a terminal": (table("neg", "\x1b[31mpos\x1b[0m"), 0, "report: "),
    "a label of HTML": (table("neg", "<script>alert(1)</script>"), 0, "report: "),
    "a label that leads out": (table("neg", "../../out"), 0, "report: "),
    "one label": (table("neg"), 2, "has one class"),
    "labels that are empty": (table("neg", ""), 2, "has one class"),
    "labels of blanks": (table("neg", "  "), 2, "has one class"),
    "texts that are empty": (table("neg", "pos", texts=[""] * ROWS), 2, "empty"),
    "no rows": (table("neg", rows=0), 2, "texts.csv"),
    "fewer rows than a draw needs": (table("neg", "pos", rows=12), 2, "a draw needs|validation"),
}
COVERED = {
    "a label of 6,000 characters": "tracking/test_store_limits.py",
    "a label of 400 characters": "tracking/test_store_limits.py",
    "a label with escapes of a terminal": "report/pages/test_terminal.py",
    "a label of HTML": "report/pages/test_html.py", "a label that leads out": "report/pages/test_html.py",
    "a label with a line end": "report/pages/test_html.py",
}  # fmt: skip
DEEP = b"[" * 100_000
DAMAGES: Mapping[str, bytes | None] = {
    "cut": b'{"a": [', "of another shape": b'[{"a": {"b": null}}]', "100,000 levels": DEEP, "missing": None,
}  # fmt: skip
STUDY_FILES: Mapping[str, Sequence[str]] = {
    # a file of the study: the command that reads it
    "cells.json": ["status"],
    "times.json": ["report"],
    "items.json.gz": ["report"],
}
SAID: Mapping[tuple[str, bool], tuple[int, str]] = {
    # by file and whether it is missing: exit code and what is said
    ("cells.json", False): (2, "cells.json of run .*the same `seedbed compare` again writes it anew"),
    ("cells.json", True): (0, "mine"),
    ("times.json", False): (0, r"report: (.|\n)*not used: times.json"), ("times.json", True): (0, "report: "),
    ("items.json.gz", False): (0, r"report: (.|\n)*not used: items.json.gz"), ("items.json.gz", True): (0, "report: "),
}  # fmt: skip


def inputs() -> list[CommandInput]:
    """Return the inputs, in the order of the page."""
    found = [
        CommandInput("content of a data set", name, ["compare", "CSV", ARMS], code=code, says=said,
                     files={"texts.csv": content}, covered=COVERED.get(name, "data/test_dataset.py"))
        for name, (content, code, said) in DATA.items()
    ]  # fmt: skip
    for file, words in STUDY_FILES.items():
        for damage, content in DAMAGES.items():
            code, said = SAID[file, content is None]
            found.append(
                CommandInput("stored file", f"{file} {damage}", list(words), code=code, says=said, study=True,
                             make=damaged(file, content), covered="cli/test_malformed_files.py")
            )  # fmt: skip
    return found


def damaged(file: str, content: bytes | None) -> Callable[[Path], None]:
    return artifact(file, gzip.compress(content) if content and file.endswith(".gz") else content)
