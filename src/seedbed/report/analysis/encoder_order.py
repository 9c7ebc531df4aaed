"""Whether the order of two representations depends on the encoder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from seedbed.report.analysis.ranking import PairTest

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_Part = tuple[tuple[str, str], ...]
"""The choice of a config group and its settings."""


@dataclass(frozen=True)
class EncoderOrder:
    """Two tests of the same two representations, each under one encoder; ``arm`` is the better one in each."""

    first: PairTest
    second: PairTest
    first_encoder: str
    second_encoder: str


def encoder_orders(analysis: "Analysis") -> list[EncoderOrder]:
    """Return the representations whose order differs between two encoders at the largest size, the clearest first.

    The means have opposite orders, and at least one difference is separated. Arms count if no other arm has the same
    embedding and encoder.
    """
    ranking = analysis.ranking
    if ranking is None:
        return []
    orders = []
    by_encoder = _arms(analysis)
    for (first, first_arms), (second, second_arms) in combinations(by_encoder.items(), 2):
        for representations in combinations([name for name in first_arms if name in second_arms], 2):
            tests = [ranking.test(*(arms[name] for name in representations)) for arms in (first_arms, second_arms)]
            signed = [test for test in tests if test is not None and test.tested]
            if len(signed) == 2 and signed[0].difference * signed[1].difference < 0:
                ahead = [_better_first(analysis, test) for test in signed]
                if any(test.separated for test in ahead):
                    orders.append(EncoderOrder(ahead[0], ahead[1], first[0][1], second[0][1]))
    return sorted(orders, key=lambda order: -(order.first.separated + order.second.separated))


def _better_first(analysis: "Analysis", test: PairTest) -> PairTest:
    if analysis.scale.gain(test.difference) > 0 or analysis.ranking is None:
        return test
    return analysis.ranking.test(test.other, test.arm) or test


def _arms(analysis: "Analysis") -> dict[_Part, dict[_Part, str]]:
    """Return, by encoder, the arm of each representation, without those that several arms share."""
    every: dict[tuple[_Part, _Part], list[str]] = {}
    for arm, settings in _settings(analysis):
        parts = _part(settings, "encoder"), _part(settings, "embedding")
        if all(parts):
            every.setdefault(parts, []).append(arm)
    arms: dict[_Part, dict[_Part, str]] = {}
    for (encoder, embedding), names in every.items():
        if len(names) == 1:
            arms.setdefault(encoder, {})[embedding] = names[0]
    return arms


def _settings(analysis: "Analysis") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the settings of each arm, or its columns of the table where they are not known."""
    names = [name for name in ("embedding", "encoder") if name in analysis.table.columns]
    first = analysis.table.drop_duplicates("arm").set_index("arm")[names].fillna("").astype(str)
    for arm in analysis.arms:
        yield arm, analysis.inputs.settings.get(arm) or first.loc[arm].to_dict()


def _part(settings: Mapping[str, str], group: str) -> _Part:
    """Return the choice of a group, first, and its settings; empty if there is none."""
    if not settings.get(group):
        return ()
    return ((group, settings[group]), *sorted((k, v) for k, v in settings.items() if k.startswith(f"{group}.")))
