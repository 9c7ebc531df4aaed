"""The files of a report: tables, page, Markdown, pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cells import CELL_COLUMNS
from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.pages.errors import FILE as ERRORS
from seedbed.report.pages.errors import render_errors
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.pictures.epochs import NAMES as EPOCH_PICTURES
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

PICTURES = ("box", "paired", "curve", "ranks", "cost", *EPOCH_PICTURES)


def write_report(analysis: "Analysis", output: Path, *, title: str, above: str = "") -> Path:
    """Write ``results.csv``, ``comparisons.csv`` and ``report/`` into ``output``; returns the path of the page.

    ``above``: the address of the overview that the report is a part of. The floors of the study go into ``floor.csv``.
    Everything is made before anything is written, each file whole; InputError where the folder is unwritable.
    """
    sections, pictures = contents(analysis), pictures_of(analysis)
    errors = render_errors(analysis, title=title)
    page = render_page(analysis, sections, pictures, title=title, errors=ERRORS if errors else "", above=above)
    text = render_markdown(analysis, sections, pictures, title=title)
    files = {"results.csv": table_bytes(in_order(analysis.given)), "comparisons.csv": table_bytes(analysis.comparisons)}
    floor = analysis.inputs.floor
    files |= {} if floor is None else {"floor.csv": table_bytes(floor)}
    for picture in pictures:
        files |= {f"report/{picture.name}.png": picture.png, f"report/{picture.name}.svg": picture.svg}
    files |= {"report/report.md": text.encode("utf-8"), "report/index.html": page.encode("utf-8")}
    files |= {f"report/{ERRORS}": errors.encode("utf-8")} if errors else {}
    output = Path(output)
    for name, content in files.items():
        write_whole(output / name, content)
    remove_old(output, files)
    return output / "report" / "index.html"


def in_order(table: "DataFrame") -> "DataFrame":
    """The columns of a cell first, as `CELL_COLUMNS` has them, then the others in the order given."""
    first = [name for name in CELL_COLUMNS if name in table.columns]
    return table[[*first, *(name for name in table.columns if name not in CELL_COLUMNS)]]


def remove_old(output: Path, files: Mapping[str, bytes]) -> None:
    """Pictures and the page of errors of an earlier report in the same folder that this one does not have."""
    pictures = [f"report/{picture}.{kind}" for picture in PICTURES for kind in ("png", "svg")]
    for name in [*pictures, f"report/{ERRORS}"]:
        try:
            if name not in files:
                (output / name).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{output / name}: cannot be removed: {error.strerror or error}") from error
