"""Scores that count padding as correct."""

from collections.abc import Iterator

from seedbed.metric_names import MetricName
from seedbed.report.analysis.analysis import Analysis


def padding_counted(study: Analysis) -> Iterator[str]:
    """Yield a message if the main metric is the accuracy over padded sentences."""
    if study.metric is not None and MetricName.of(study.metric).overall == "padded_accuracy":
        yield "the report leads with padded_accuracy, which counts padding as right; metric=f1 counts entities"
