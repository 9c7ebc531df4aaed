"""Whether scores were still improving in the last epoch."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.lint.plan_data import report_settings
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.results import finished_groups
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame


def epochs_ran_out(study: Analysis) -> Iterator[str]:
    """Yield arms at a size with the best epoch last in most replicates.

    A replicate that was stopped early has its best epoch before its last. With ``training.keep=last`` the last epoch is
    the best by definition: such arms are skipped, and so is a table without settings if no replicate stopped early.
    """
    if not {"epochs", "best_epoch"} <= set(study.table.columns):
        return
    known = study.table.dropna(subset=["epochs", "best_epoch"])
    known = known[known["epochs"] >= 1]
    stopped = bool((known["best_epoch"] < known["epochs"]).any())
    for n_train, arm, cells in finished_groups(known, study.arms):
        best_at_end = cells[cells["best_epoch"] >= cells["epochs"]]
        if 2 * len(best_at_end) > len(cells) and _keeps_best(study, arm, stopped):
            yield _message(sanitize(arm, 60), n_train, best_at_end, len(cells))


def _message(arm: str, n_train: int, best_at_end: "DataFrame", n_cells: int) -> str:
    subject = f"{len(best_at_end)} of {n_cells} replicates" if n_cells > 1 else "the replicate"
    last = int(best_at_end["epochs"].max())
    verb = "were" if len(best_at_end) > 1 else "was"
    return (
        f"{arm} at {count_examples(n_train)}: {subject} {verb} best in the last of {last:,} epochs and may still "
        f"improve; raise training.epochs"
    )


def _keeps_best(study: Analysis, arm: str, otherwise: bool) -> bool:
    """Return whether an arm restores its best epoch, from its overrides, then the study; else ``otherwise``."""
    settings = report_settings(study)
    for override in (settings.get("arms") or {}).get(arm, ()):
        key, _, value = str(override).partition("=")
        if key.lstrip("+") == "training.keep":
            return value == "best"
    training = settings.get("training")
    return training.get("keep") == "best" if isinstance(training, dict) else otherwise
