"""Entry point: the report of a table, or of several data sets with an overview."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.files import write_whole
from seedbed.report.analysis.across_datasets import DatasetAnalyses, analyse_datasets
from seedbed.report.analysis.analysis import Analysis, analyse
from seedbed.report.analysis.datasets import datasets_apart
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.analysis.same_arms import merge_same_arms
from seedbed.report.overview.page import overview_markdown, render_overview
from seedbed.report.overview.sections import rank_answers
from seedbed.report.overview.terminal import print_overview
from seedbed.report.pages.terminal import print_report
from seedbed.report.pages.write import in_order, remove_old, write_report
from seedbed.report.pictures.ranks import rank_picture
from seedbed.report.sections.answers import answers
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.published import note_lines
from seedbed.report.sections.rows import summary_rows

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
    """Analyze a table: one analysis, or one for each of several data sets. Raises InputError.

    ``each`` is applied to every analysis. Arms that are the same cells under two names are one.
    """
    table, same = merge_same_arms(table, baseline)
    if same:
        inputs = replace(inputs or ReportInputs(), same_arms=same)
    if datasets_apart(table):
        return analyse_datasets(table, baseline, metric, inputs, each)
    return each(analyse(table, baseline, metric, inputs))


def write_any(result: Analysis | DatasetAnalyses, output: Path, *, title: str) -> Path:
    """Write the files of a report into ``output`` and return the path of the page to open first.

    For several data sets: a report each in ``report/FOLDER``, the overview as ``report/index.html`` and
    ``report.md``, all cells in ``results.csv``, all differences in ``comparisons.csv``, ranks in ``ranks.csv``.
    """
    if isinstance(result, Analysis):
        return write_report(result, output, title=title)
    output = Path(output)
    picture = rank_picture(result)
    files = {
        "results.csv": table_bytes(in_order(result.input_table)),
        "comparisons.csv": table_bytes(comparisons_of(result)),
        "report/report.md": overview_markdown(result, picture, title=title).encode("utf-8"),
        "report/index.html": render_overview(result, picture, title=title).encode("utf-8"),
    }
    files |= {"floor.csv": table_bytes(result.inputs.floor)} if result.inputs.floor is not None else {}
    files |= {} if result.inputs.tuning is None else result.inputs.tuning.files()
    files |= {"ranks.csv": table_bytes(_ranks(result))} if result.rankings else {}
    if picture is not None:
        files |= {f"report/{picture.name}.png": picture.png, f"report/{picture.name}.svg": picture.svg}
    for name, analysis in result.studies.items():
        write_report(
            analysis, output / "report" / result.folders[name], title=f"{title}: {name}", above="../../index.html"
        )
    for name, content in files.items():
        write_whole(output / name, content)
    remove_old(output, files)
    return output / "report" / "index.html"


def print_any(result: Analysis | DatasetAnalyses, console: "Console | None" = None, verbose: bool = False) -> None:
    """Print the report in the terminal; ``verbose``: all of it, not only the headline and the ranked table."""
    if isinstance(result, Analysis):
        print_report(result, console, verbose)
    else:
        print_overview(result, console)


def note_lines_of(result: Analysis | DatasetAnalyses) -> list[str]:
    """Return the answers of a report, with those on the floor and published scores; several data sets by name."""
    if isinstance(result, Analysis):
        floors = [answer.text for answer in floor_answers(result)]
        return [*(answer.text for answer in answers(result)), *floors, *note_lines(result)]
    by_dataset = [f"{name}: {line}" for name, analysis in result.studies.items() for line in note_lines_of(analysis)]
    return [*(text for _, text in rank_answers(result)), *by_dataset]


def means_of(result: Analysis | DatasetAnalyses) -> dict[str, float]:
    """Return the mean of each arm at each size in the primary metric, by name such as ``test/f1 glove n=50``."""
    means: dict[str, float] = {}
    for name, analysis in {"": result}.items() if isinstance(result, Analysis) else result.studies.items():
        for row in [] if analysis.metric is None else summary_rows(analysis):
            if row.n:
                means[f"{analysis.metric} {row.arm} n={row.n_train}" + (f" {name}" if name else "")] = row.mean
    return means


def comparisons_of(result: Analysis | DatasetAnalyses) -> "DataFrame":
    """Return the differences of all pairs of arms; those of several data sets have a column ``dataset``."""
    import pandas as pd

    if isinstance(result, Analysis):
        return result.comparisons
    tables = [analysis.comparisons.assign(dataset=name) for name, analysis in result.studies.items()]
    merged = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    return merged[["dataset", *(name for name in merged.columns if name != "dataset")]]


def _ranks(analyses: DatasetAnalyses) -> "DataFrame":
    """Return one row per arm of a ranking: its average rank, and the tests of the ranking."""
    import pandas as pd

    rows = [
        {
            "size": ranking.label, "arm": arm, "datasets": len(ranking.datasets), "average_rank": average,
            "chi_square": ranking.test.chi_square, "p_value": ranking.test.p_value, "p_holm": ranking.p_holm,
            "f": ranking.test.f, "p_f": ranking.test.p_f, "smallest_p": ranking.test.smallest_p,
            "critical_difference": ranking.test.critical_difference,
        }
        for ranking in analyses.rankings
        for arm, average in zip(ranking.arms, ranking.averages, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)
