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
from seedbed.report.pictures.scores import start_pictures
from seedbed.report.pictures.search import NAMES as SEARCH_PICTURES
from seedbed.report.sections.contents import contents
from seedbed.report.sections.ranking import ranking_frame

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

PICTURES = ("dots", "box", "paired", "curve", "ranks", "cost", *EPOCH_PICTURES, *SEARCH_PICTURES)


def write_report(analysis: "Analysis", output: Path, *, title: str, above: str = "") -> Path:
    """Write the tables and ``report/`` into ``output``; return the path of the page.

    ``above``: the address of the overview that the report belongs to. The table of floors goes into ``floor.csv``, a
    search into ``trials.csv`` and ``tuning.json``. All content is rendered before the first file is written. Raises
    InputError if the folder is not writable.
    """
    pending, sections = start_pictures(analysis), contents(analysis, _as_typed(output))
    errors = render_errors(analysis, title=title)
    files = {
        "results.csv": table_bytes(in_order(analysis.input_table)),
        "comparisons.csv": table_bytes(analysis.comparisons),
        **({"ranking.csv": table_bytes(ranking_frame(analysis))} if analysis.ranking else {}),
    }
    pictures = pending()
    page = render_page(analysis, sections, pictures, title=title, errors=ERRORS if errors else "", above=above)
    text = render_markdown(analysis, sections, pictures, title=title)
    floor = analysis.inputs.floor
    files |= {} if floor is None else {"floor.csv": table_bytes(floor)}
    files |= {} if analysis.inputs.tuning is None else analysis.inputs.tuning.files()
    for picture in pictures:
        files |= {f"report/{picture.name}.png": picture.png, f"report/{picture.name}.svg": picture.svg}
    files |= {"report/report.md": text.encode("utf-8"), "report/index.html": page.encode("utf-8")}
    files |= {f"report/{ERRORS}": errors.encode("utf-8")} if errors else {}
    output = Path(output)
    for name, content in files.items():
        write_whole(output / name, content)
    remove_old(output, files)
    return output / "report" / "index.html"


def _as_typed(output: Path) -> str:
    """Return the folder as a command would name it: relative to the working folder where it is inside."""
    path, here = Path(output), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def in_order(table: "DataFrame") -> "DataFrame":
    """Return the table with the columns of `CELL_COLUMNS` first, then the others in their order."""
    first = [name for name in CELL_COLUMNS if name in table.columns]
    return table[[*first, *(name for name in table.columns if name not in CELL_COLUMNS)]]


def remove_old(output: Path, files: Mapping[str, bytes]) -> None:
    """Remove pictures and the error viewer of an earlier report in the same folder that ``files`` does not have."""
    pictures = [f"report/{picture}.{kind}" for picture in PICTURES for kind in ("png", "svg")]
    for name in [*pictures, f"report/{ERRORS}"]:
        try:
            if name not in files:
                (output / name).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{output / name}: cannot be removed: {error.strerror or error}") from error
