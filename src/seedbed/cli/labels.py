"""``seedbed labels``."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, key_values, takes_settings
from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import DatasetAnalyses
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.label_growth import LabelGrowth
    from seedbed.studies.labels import TrainingCounts

OWN = ("target", "for")
"""Keys of this command alone."""
STORED = ("study", "output", "metric", "tracking.uri", "tracking.experiment", "tracking.artifacts")
"""Keys beside study=NAME."""
MOST_LINES = 26
"""Most lines of the answer in the terminal; the address of the page follows."""

PARSER = takes_settings(
    command(
        "labels",
        "Say how the score grows with more labels on your own data: what 2 or 5 times as many would give, with 95 %\n"
        "intervals, how many a target needs, what a better representation saves, and which classes lack labels.\n"
        "Trains a probe on GloVe and MiniLM vectors at five sizes in ten replicates, and only what the store lacks.\n\n"
        "  for=N         a number of labels to forecast\n"
        "  target=SCORE  a score to reach, such as 0.85\n"
        "  study=NAME    forecast a study of the store with three sizes or more, and train nothing\n\n"
        "Other settings are those of `seedbed compare`, such as sizes=[25,50,100,200], arms={...} and replicates=20.",
        "  seedbed labels dataset=csv dataset.path=mine.csv\n"
        "  seedbed labels dataset=trec target=0.85 for=1000\n"
        "  seedbed labels study=labels_trec for=2000",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Train what is missing, print the answer, and write the page; 1 where some cells failed."""
    options = PARSER.parse_intermixed_args(arguments)
    words = [word for word in options.settings if word.partition("=")[0] not in OWN]
    own = key_values([word for word in options.settings if word not in words], OWN)
    asked, target = _whole(own.get("for")), _score(own.get("target"))
    if any(word.partition("=")[0] == "study" for word in words):
        keys = key_values(words, STORED)
        analysed, counts, output, failed = *_stored(keys), False
        title = keys["study"]
    else:
        analysed, counts, output, title, failed = _trained(words, options.config_dir)
    growth = _growth(analysed, asked, target, counts)
    page = _page(growth, output, title)
    for line in _lines(growth):
        print(line)
    print(f"page: {page.absolute()}")
    return 1 if failed else 0


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    from seedbed.report.analysis.label_growth import check_asked

    plain = text.replace("_", "").replace(",", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 20:
        raise InputError(f"for={text}: give a number of labels, such as for=1000")
    check_asked(int(plain))
    return int(plain)


def _score(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"target={text}: give a score, such as target=0.85")
    return value


def _stored(keys: dict[str, str]) -> "tuple[Analysis | DatasetAnalyses, TrainingCounts, Path]":
    from seedbed.progress.study import StudyProgress
    from seedbed.report.report import report_of
    from seedbed.studies.labels import stored_counts
    from seedbed.studies.reading import open_for_reading
    from seedbed.studies.report_sources import from_study

    store = open_for_reading([f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")])
    log = StudyProgress().log
    source = from_study(store, keys["study"], log)
    analysed = report_of(source.table, source.baseline, keys.get("metric", source.metric), source.inputs)
    output = Path(keys.get("output", f"seedbed-out/{keys['study']}"))
    return analysed, stored_counts(store, keys["study"], log), output


def _trained(
    words: Sequence[str], config_dir: str | None
) -> "tuple[Analysis | DatasetAnalyses, TrainingCounts, Path, str, bool]":
    from seedbed.config.chosen_launcher import without_launching
    from seedbed.config.sweep import is_sweep
    from seedbed.progress.study import StudyProgress
    from seedbed.stages import Stopwatch
    from seedbed.studies.comparing import compare_arms
    from seedbed.studies.labels import keep_counts, labels_study, training_counts
    from seedbed.studies.workers import Spread

    if is_sweep(words, config_dir):
        raise InputError("use `seedbed run` for a sweep, and `seedbed labels study=NAME` for its curves")
    stopwatch, display = Stopwatch(), StudyProgress()
    checked, whole = labels_study(without_launching(words), config_dir, display.log)
    launching = [word for word in words if word not in whole]
    spread = Spread.of([*whole, *launching], config_dir, checked.keys.workers)
    result = compare_arms(checked, display, stopwatch, spread)
    counts = training_counts(result.run.plan.planned)
    keep_counts(result.run.store, result.run.parent, counts)
    return result.analysed, counts, result.folder, checked.keys.name, bool(result.n_failed)


def _growth(
    analysed: "Analysis | DatasetAnalyses", asked: int | None, target: float | None, counts: "TrainingCounts"
) -> "LabelGrowth":
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.label_growth import label_growth

    if not isinstance(analysed, Analysis):
        names = ", ".join(list(analysed.studies)[:4])
        raise InputError(f"the study has several data sets ({names}): ask for one of them, by a study of its own")
    return label_growth(analysed, asked, target, counts)


def _page(growth: "LabelGrowth", output: Path, title: str) -> Path:
    from seedbed.report.pages.label_growth import write_labels

    return write_labels(growth, output, title=title)


def _lines(growth: "LabelGrowth") -> list[str]:
    """Return the answer, the table and further sentences, wrapped to 80 columns, in at most `MOST_LINES` lines."""
    import io
    import textwrap

    from rich.console import Console

    from seedbed.report.pages.terminal import ascii_only, rich_table
    from seedbed.report.sections.label_growth import forecast_table, label_sentences, labels_answer

    first = textwrap.wrap(ascii_only(labels_answer(growth)), 80)
    rest = [line for text in label_sentences(growth) for line in textwrap.wrap(ascii_only(text), 80)]
    table, lines = forecast_table(growth), list[str]()
    for number in range(len(table.rows), 0, -1):
        text = io.StringIO()
        Console(file=text, width=80).print(rich_table(replace(table, rows=table.rows[:number])))
        lines = [*first, *(line.rstrip() for line in text.getvalue().strip("\n").splitlines())]
        if len(lines) + len(rest) <= MOST_LINES:
            break
    return [*lines, *rest][:MOST_LINES]
