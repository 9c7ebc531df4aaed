"""The data of a plan for lint rules: each data set once, with its distinct draws and their texts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seedbed.comparison.plan import Plan
from seedbed.config.schema import Arm, Stage
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
    def dataset(self) -> Stage:
        """The settings of the data set, of the first arm."""
        return self.arms[0].dataset

    @cached_property
    def counts(self) -> Counter[str]:
        """Count of each token in the drawn examples, each example once."""
        by_id = self.corpus.by_id
        counts: Counter[str] = Counter()
        for example_id in self.texts:
            counts.update(by_id[example_id].tokens)
        return counts

    @cached_property
    def texts(self) -> dict[str, str]:
        """The tokens of every drawn example by its id, in lower case with blanks between: equal for the same text."""
        by_id = self.corpus.by_id
        ids = {
            example_id
            for draw in self.draws
            for split_ids in (draw.train, draw.validation, draw.test)
            for example_id in split_ids
        }
        return {example_id: " ".join(by_id[example_id].tokens).lower() for example_id in ids}


def drawn_datasets(plan: Plan) -> tuple[DrawnDataset, ...]:
    """Return the data sets of a plan, in its order."""
    corpora: dict[str, tuple[Corpus, dict[str, Draw], dict[str, Arm]]] = {}
    for planned in plan.planned:
        _, draws, arms = corpora.setdefault(planned.corpus.digest, (planned.corpus, {}, {}))
        draws.setdefault(planned.draw.digest, planned.draw)
        arms.setdefault(planned.arm.name, planned.arm)
    return tuple(
        DrawnDataset(corpus, tuple(draws.values()), tuple(arms.values())) for corpus, draws, arms in corpora.values()
    )


def report_settings(study: Analysis) -> Mapping[str, Any]:  # values of a composed config
    """Return the composed config of a study, as far as the analysis has it."""
    settings = study.inputs.context.get("Settings")
    return settings if isinstance(settings, Mapping) else {}


def in_draws(n_matching: int, n_draws: int) -> str:
    """Return ``in 3 of 10 draws ``; empty if there is only one draw."""
    return "" if n_draws == 1 else f"in {n_matching} of {n_draws} draws "


def span(numbers: Iterable[int]) -> str:
    """Return ``3``, or ``1 to 3``."""
    low, high = min(numbers := list(numbers)), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
