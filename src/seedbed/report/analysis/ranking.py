"""The arms at each size, best first, with letters: arms that share one are not separated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from seedbed.report.analysis.comparisons import ArmPair, Pairing, pairings, too_many
from seedbed.report.analysis.results import Results
from seedbed.report.statistics.letters import letters
from seedbed.report.statistics.paired import paired_differences
from seedbed.report.statistics.settling import holm
from seedbed.report.statistics.sign_flips import LEVEL, sign_flip_interval, sign_flip_p, smallest_p

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class PairTest:
    """The paired test of two arms at one size; ``difference`` and its interval are ``arm`` minus ``other``.

    ``p_holm``: corrected for all pairs of arms at this size. p is NaN below two pairs.
    """

    arm: str
    other: str
    pairs: int
    difference: float
    ci_low: float
    ci_high: float
    ci_level: float
    p_value: float
    p_holm: float

    @property
    def tested(self) -> bool:
        """Whether there were enough pairs."""
        return self.p_value == self.p_value

    @property
    def separated(self) -> bool:
        """Whether the arms differ at the 5 % level."""
        return self.p_holm <= LEVEL


@dataclass(frozen=True)
class RankedArm:
    """The mean of an arm at one size, its interval, and its letters; none if no difference could be significant."""

    arm: str
    n: int
    mean: float
    ci_low: float
    ci_high: float
    ci_level: float
    letters: str


@dataclass(frozen=True)
class Ranking:
    """The arms with a score at one size, best mean first, and the tests of all their pairs; empty if too many."""

    n_train: int
    arms: tuple[RankedArm, ...]
    tests: tuple[PairTest, ...]

    def test(self, arm: str, other: str) -> PairTest | None:
        """Return the test of two arms as ``arm`` minus ``other``, or None."""
        for test in self.tests:
            if (test.arm, test.other) == (arm, other):
                return test
            if (test.arm, test.other) == (other, arm):
                return replace(
                    test, arm=arm, other=other, difference=-test.difference, ci_low=-test.ci_high, ci_high=-test.ci_low
                )
        return None

    @property
    def too_few(self) -> bool:
        """Whether the pairs are too few for any difference to be significant, however large."""
        return too_few(self.tests)

    @property
    def tied(self) -> list[str]:
        """The other arms that are tested and not separated from the best, best first."""
        best, *others = (row.arm for row in self.arms)
        tests = {arm: self.test(best, arm) for arm in others}
        return [arm for arm, test in tests.items() if test is not None and test.tested and not test.separated]


def rank_arms(results: Results, summary: "DataFrame", comparisons: "DataFrame") -> dict[int, Ranking]:
    """Return the ranking of the arms in the primary metric by size.

    Tests are those of ``comparisons``; pairs that it lacks, as arms are compared with a baseline, are tested in the
    same way. p is corrected by Holm for all pairs of arms at a size. Of very many arms and sizes, only the largest size
    has tests, or none.
    """
    sizes = results.sizes if not too_many(results.arms, results.sizes) else results.sizes[-1:]
    pairs: dict[int, list[ArmPair]] = {}
    if not too_many(results.arms, sizes):
        for pair in pairings(replace(results, sizes=sizes, with_first=False), results.metrics[0]):
            pairs.setdefault(pair[0], []).append(pair)
    known = {
        (int(row["n_train"]), row["arm"], row["baseline"]): row
        for row in comparisons[comparisons["metric"] == results.metrics[0]].to_dict("records")
    }
    return {size: _ranking(results, size, summary, pairs.get(size, ()), known) for size in results.sizes}


def _ranking(
    results: Results, size: int, summary: "DataFrame", pairs: Sequence[ArmPair], known: Mapping[tuple, Mapping]
) -> Ranking:
    rows = [row for row in summary[summary["n_train"] == size].itertuples() if row.mean == row.mean]
    rows.sort(key=lambda row: -results.scale.gain(cast("float", row.mean)))
    order = {str(row.arm): rank for rank, row in enumerate(rows)}
    tests = list(_tests([pair for pair in pairs if {pair[1], pair[2]} <= order.keys()], known))
    separated = [(order[test.arm], order[test.other]) for test in tests if test.separated]
    has_letters = any(test.tested for test in tests) and not too_few(tests)
    shown = letters(len(rows), separated) if has_letters else [""] * len(rows)
    return Ranking(
        size,
        tuple(
            RankedArm(str(row.arm), int(row.n), row.mean, row.ci_low, row.ci_high, row.ci_level, letter)
            for row, letter in zip(rows, shown, strict=True)
        ),
        tuple(tests),
    )


def too_few(tests: Sequence[PairTest]) -> bool:
    """Return whether none of the tests could be significant after Holm's correction."""
    tested = [test.pairs for test in tests if test.tested]
    return bool(tested) and len(tested) * smallest_p(max(tested)) > LEVEL


def _tests(pairs: Sequence[ArmPair], known: Mapping[tuple, Mapping]) -> Iterator[PairTest]:
    values = [_known(known[key]) if (key := pair[:3]) in known else _test(pair[3]) for pair in pairs]
    corrected = holm([p_value for *_, p_value in values])
    for (_, arm, other, _), value, p_holm in zip(pairs, values, corrected, strict=True):
        yield PairTest(arm, other, *value, float(p_holm))


_Values = tuple[int, float, float, float, float, float]
"""Pairs, difference, low and high end of its interval, coverage, p."""
_COLUMNS = ("mean_difference", "ci_low", "ci_high", "ci_level", "p_value")


def _known(row: Mapping) -> _Values:
    difference, low, high, level, p_value = (float(row[name]) for name in _COLUMNS)
    return int(row["pairs"]), difference, low, high, level, p_value


def _test(pairing: Pairing) -> _Values:
    differences = paired_differences(pairing.arm, pairing.baseline)
    p_value = sign_flip_p(differences) if differences.size > 1 else float("nan")
    mean = float(differences.mean()) if differences.size else float("nan")
    return differences.size, mean, *sign_flip_interval(differences), p_value
