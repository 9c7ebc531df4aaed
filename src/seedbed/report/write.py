"""The files of a report: tables, page, Markdown, pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.report.markdown import render_markdown
from seedbed.report.page import render_page
from seedbed.report.pictures import pictures_of
from seedbed.report.tables import table_bytes
from seedbed.results import CELL_COLUMNS

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.study import Study

PICTURES = ("box", "paired", "curve")


def write_report(study: "Study", output: Path, *, title: str) -> Path:
    """Write ``results.csv``, ``comparisons.csv`` and ``report/`` into ``output``; returns the path of the page.

    The floors of the study go into ``floor.csv``. Everything is made before anything is written, each file whole;
    InputError where the folder is unwritable.
    """
    pictures = pictures_of(study)
    page = render_page(study, pictures, title=title)
    text = render_markdown(study, pictures, title=title)
    files = {"results.csv": table_bytes(_in_order(study.given)), "comparisons.csv": table_bytes(study.comparisons)}
    floor = study.beside.floor
    files |= {} if floor is None else {"floor.csv": table_bytes(floor)}
    for picture in pictures:
        files |= {f"report/{picture.name}.png": picture.png, f"report/{picture.name}.svg": picture.svg}
    files |= {"report/report.md": text.encode("utf-8"), "report/index.html": page.encode("utf-8")}
    output = Path(output)
    for name, content in files.items():
        write_whole(output / name, content)
    _remove_old(output, files)
    return output / "report" / "index.html"


def _in_order(table: "DataFrame") -> "DataFrame":
    """The columns of a cell first, as `CELL_COLUMNS` has them, then the others in the order given."""
    first = [name for name in CELL_COLUMNS if name in table.columns]
    return table[[*first, *(name for name in table.columns if name not in CELL_COLUMNS)]]


def _remove_old(output: Path, files: Mapping[str, bytes]) -> None:
    """Pictures of an earlier report in the same folder that this one does not have."""
    for picture in PICTURES:
        for kind in ("png", "svg"):
            name = f"report/{picture}.{kind}"
            try:
                if name not in files:
                    (output / name).unlink(missing_ok=True)
            except OSError as error:
                raise InputError(f"{output / name}: cannot be removed: {error.strerror or error}") from error
