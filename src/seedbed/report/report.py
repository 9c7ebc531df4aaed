"""One report, or one for each data set and an overview: the door for whoever holds a table."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.files import write_whole
from seedbed.report.analysis.across_datasets import DatasetAnalyses, analyse_datasets
from seedbed.report.analysis.analysis import Analysis, analyse
from seedbed.report.analysis.datasets import datasets_apart
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.overview.page import overview_markdown, render_overview
from seedbed.report.overview.sections import rank_answers
from seedbed.report.overview.terminal import print_overview
from seedbed.report.pages.terminal import print_report
from seedbed.report.pages.write import in_order, remove_old, write_report
from seedbed.report.pictures.ranks import rank_picture
from seedbed.report.sections.answers import answers
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.published import note_lines

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console


def report_of(
    table: "DataFrame",
    baseline: str | None = None,
    metric: str | None = None,
    inputs: ReportInputs | None = None,
    each: Callable[[Analysis], Analysis] = lambda analysis: analysis,
) -> Analysis | DatasetAnalyses:
    """What a table has to say: a study, or the studies of several data sets. Raises InputError.

    ``each`` is what else is done with every study.
    """
    if datasets_apart(table):
        return analyse_datasets(table, baseline, metric, inputs, each)
    return each(analyse(table, baseline, metric, inputs))


def write_any(found: Analysis | DatasetAnalyses, output: Path, *, title: str) -> Path:
    """Write the files of a report into ``output``; returns the path of the page to open first.

    Of several data sets: a whole report each in ``report/FOLDER``, the overview as ``report/index.html`` and
    ``report.md``, all cells in ``results.csv``, all differences in ``comparisons.csv``, ranks in ``ranks.csv``.
    """
    if isinstance(found, Analysis):
        return write_report(found, output, title=title)
    output = Path(output)
    picture = rank_picture(found)
    files = {
        "results.csv": table_bytes(in_order(found.given)),
        "comparisons.csv": table_bytes(comparisons_of(found)),
        "report/report.md": overview_markdown(found, picture, title=title).encode("utf-8"),
        "report/index.html": render_overview(found, picture, title=title).encode("utf-8"),
    }
    files |= {"floor.csv": table_bytes(found.inputs.floor)} if found.inputs.floor is not None else {}
    files |= {"ranks.csv": table_bytes(_ranks(found))} if found.rankings else {}
    if picture is not None:
        files |= {f"report/{picture.name}.png": picture.png, f"report/{picture.name}.svg": picture.svg}
    for name, analysis in found.studies.items():
        write_report(
            analysis, output / "report" / found.folders[name], title=f"{title}: {name}", above="../../index.html"
        )
    for name, content in files.items():
        write_whole(output / name, content)
    remove_old(output, files)
    return output / "report" / "index.html"


def print_any(found: Analysis | DatasetAnalyses, console: "Console | None" = None) -> None:
    """Print what the report says first."""
    if isinstance(found, Analysis):
        print_report(found, console)
    else:
        print_overview(found, console)


def note_lines_of(found: Analysis | DatasetAnalyses) -> list[str]:
    """The answers of a report, those on the floor and on published scores; of several data sets with their names."""
    if isinstance(found, Analysis):
        return [*(one.text for one in (*answers(found), *floor_answers(found))), *note_lines(found)]
    own = [f"{name}: {line}" for name, analysis in found.studies.items() for line in note_lines_of(analysis)]
    return [*(text for _, text in rank_answers(found)), *own]


def means_of(found: Analysis | DatasetAnalyses) -> dict[str, float]:
    """The mean of each arm at each size in the primary metric, under a name such as ``test/f1 glove n=50``."""
    means: dict[str, float] = {}
    for name, analysis in {"": found}.items() if isinstance(found, Analysis) else found.studies.items():
        rows = [] if analysis.metric is None else analysis.summaries[analysis.metric].itertuples()
        for row in rows:
            if row.n:
                means[f"{analysis.metric} {row.arm} n={row.n_train}" + (f" {name}" if name else "")] = row.mean
    return means


def comparisons_of(found: Analysis | DatasetAnalyses) -> "DataFrame":
    """The differences of all pairs of arms; of several data sets with a column ``dataset``."""
    import pandas as pd

    if isinstance(found, Analysis):
        return found.comparisons
    own = [analysis.comparisons.assign(dataset=name) for name, analysis in found.studies.items()]
    whole = pd.concat([one for one in own if len(one)] or own[:1], ignore_index=True)
    return whole[["dataset", *(name for name in whole.columns if name != "dataset")]]


def _ranks(found: DatasetAnalyses) -> "DataFrame":
    """A row an arm of a ranking: its average rank, and the tests of the ranking."""
    import pandas as pd

    rows = [
        {
            "size": ranking.label, "arm": arm, "datasets": len(ranking.datasets), "average_rank": average,
            "chi_square": ranking.test.chi_square, "p_value": ranking.test.p_value, "p_holm": ranking.p_holm,
            "f": ranking.test.f, "p_f": ranking.test.p_f, "smallest_p": ranking.test.smallest_p,
            "critical_difference": ranking.test.critical_difference,
        }
        for ranking in found.rankings
        for arm, average in zip(ranking.arms, ranking.averages, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)
