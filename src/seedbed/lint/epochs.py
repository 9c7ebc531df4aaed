"""Whether training was still getting better when its epochs ran out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.lint.plan_data import report_settings
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.results import finished_groups
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame


def epochs_ran_out(study: Analysis) -> Iterator[str]:
    """Arms at a size most of whose replicates have their best epoch last.

    A replicate that was stopped has its best epoch before its last. Where the weights of the last epoch are kept, that
    is the best one by definition, and says nothing: such arms are left out, and so is a table without settings in which
    no replicate was stopped.
    """
    if not {"epochs", "best_epoch"} <= set(study.table.columns):
        return
    known = study.table.dropna(subset=["epochs", "best_epoch"])
    known = known[known["epochs"] >= 1]
    stopped = bool((known["best_epoch"] < known["epochs"]).any())
    for n_train, arm, cells in finished_groups(known, study.arms):
        at_end = cells[cells["best_epoch"] >= cells["epochs"]]
        if 2 * len(at_end) > len(cells) and _keeps_best(study, arm, stopped):
            yield _said(sanitize(arm, 60), n_train, at_end, len(cells))


def _said(arm: str, n_train: int, at_end: "DataFrame", whole: int) -> str:
    which = f"{len(at_end)} of {whole} replicates" if whole > 1 else "the replicate"
    last = int(at_end["epochs"].max())
    verb = "were" if len(at_end) > 1 else "was"
    return (
        f"{arm} at {count_examples(n_train)}: {which} {verb} best in the last of {last:,} epochs and might have gone "
        f"on; raise training.epochs"
    )


def _keeps_best(study: Analysis, arm: str, otherwise: bool) -> bool:
    """What the settings say, the arm's own first; ``otherwise`` where the report has none."""
    settings = report_settings(study)
    for override in (settings.get("arms") or {}).get(arm, ()):
        key, _, value = str(override).partition("=")
        if key.lstrip("+") == "training.keep":
            return value == "best"
    training = settings.get("training")
    return training.get("keep") == "best" if isinstance(training, dict) else otherwise
