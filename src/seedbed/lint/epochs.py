"""Whether replicates were still training when the epochs ended."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.lint.plan_data import report_settings
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.results import finished_groups
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame


def epochs_ran_out(study: Analysis) -> Iterator[str]:
    """Yield arms at a size where most replicates were still training when the epochs ended.

    Such a replicate has its best epoch last, or waits for a better one for fewer epochs than ``training.patience``, and
    has trained for ``training.epochs`` as far as these are known. With ``training.keep=last`` the last epoch is the
    best by definition: such arms are skipped, and so is a table without settings if no replicate stopped early.
    """
    if not {"epochs", "best_epoch"} <= set(study.table.columns):
        return
    known = study.table.dropna(subset=["epochs", "best_epoch"])
    known = known[known["epochs"] >= 1]
    stopped = bool((known["best_epoch"] < known["epochs"]).any())
    for n_train, arm, cells in finished_groups(known, study.arms):
        patience, epochs = (_number(study, arm, f"training.{key}") for key in ("patience", "epochs"))
        waited = cells["epochs"] - cells["best_epoch"]
        ran_out = cells[(waited < max(patience or 1, 1)) & (cells["epochs"] >= (epochs or 0))]
        if 2 * len(ran_out) > len(cells) and _keeps_best(study, arm, stopped):
            yield _message(sanitize(arm, 60), study.sized(n_train), ran_out, len(cells))


def _message(arm: str, size: str, ran_out: "DataFrame", n_cells: int) -> str:
    subject = f"{len(ran_out)} of {n_cells} replicates" if n_cells > 1 else "the replicate"
    last = int(ran_out["epochs"].max())
    verb = "were" if len(ran_out) > 1 else "was"
    at_end = bool((ran_out["best_epoch"] >= ran_out["epochs"]).all())
    what = f"best in the last of {last:,} epochs" if at_end else f"still training in the last of {last:,} epochs"
    return f"{arm} at {size}: {subject} {verb} {what} and may still improve; raise training.epochs"


def _number(study: Analysis, arm: str, key: str) -> int | None:
    """Return a setting of an arm that is a whole number; None if it is unknown or not set."""
    value = study.inputs.settings.get(arm, {}).get(key, "")
    return int(value) if str(value).isdecimal() else None


def _keeps_best(study: Analysis, arm: str, otherwise: bool) -> bool:
    """Return whether an arm restores its best epoch, from its settings or those of the study; else ``otherwise``."""
    if keep := study.inputs.settings.get(arm, {}).get("training.keep"):
        return keep == "best"
    settings = report_settings(study)
    for override in (settings.get("arms") or {}).get(arm, ()):
        key, _, value = str(override).partition("=")
        if key.lstrip("+") == "training.keep":
            return value == "best"
    training = settings.get("training")
    return training.get("keep") == "best" if isinstance(training, dict) else otherwise
