"""The data of a plan for lint rules: each data set once, with its distinct draws and their texts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seedbed.comparison.plan import Plan
from seedbed.config.schema import Arm
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw
from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class DrawnDataset:
    """A data set, its different draws (equal ones of several replicates once), and the arms that use them."""

    corpus: Corpus
    draws: tuple[Draw, ...]
    arms: tuple[Arm, ...]

    @property
    def dataset(self) -> Any:
        """The settings of the data set, of the first arm."""
        return self.arms[0].dataset

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each token occurs in the drawn examples, each of them once."""
        by_id = self.corpus.by_id
        found: Counter[str] = Counter()
        for one in self.texts:
            found.update(by_id[one].tokens)
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """The tokens of every drawn example by its id, in lower case with blanks between: equal for the same text."""
        by_id = self.corpus.by_id
        drawn = {one for draw in self.draws for ids in (draw.train, draw.validation, draw.test) for one in ids}
        return {one: " ".join(by_id[one].tokens).lower() for one in drawn}


def drawn_datasets(plan: Plan) -> tuple[DrawnDataset, ...]:
    """The data sets of a plan, in its order."""
    corpora: dict[str, tuple[Corpus, dict[str, Draw], dict[str, Arm]]] = {}
    for planned in plan.planned:
        _, draws, arms = corpora.setdefault(planned.corpus.digest, (planned.corpus, {}, {}))
        draws.setdefault(planned.draw.digest, planned.draw)
        arms.setdefault(planned.arm.name, planned.arm)
    return tuple(
        DrawnDataset(corpus, tuple(draws.values()), tuple(arms.values())) for corpus, draws, arms in corpora.values()
    )


def report_settings(study: Analysis) -> Mapping[str, Any]:
    """The config behind a report, as far as the report is told of it."""
    settings = study.inputs.context.get("Settings")
    return settings if isinstance(settings, Mapping) else {}


def in_draws(found: int, whole: int) -> str:
    """``in 3 of 10 draws: ``; nothing where there is but one."""
    return "" if whole == 1 else f"in {found} of {whole} draws "


def span(numbers: Iterable[int]) -> str:
    """``3``, or ``1 to 3``."""
    low, high = min(numbers := list(numbers)), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
