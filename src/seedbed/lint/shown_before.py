"""Test texts that sweeps and searches in the store were already tested on."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from seedbed.report.wording import sanitize

MOST_NAMED = 4
"""Studies that a finding names."""


@dataclass(frozen=True)
class ShownBefore:
    """The ids of a data set's test examples in this study, and in sweeps or searches of other names.

    ``left``: by such a study, how many texts a test set may have that it did not use.
    """

    dataset: str
    tested: Set[str]
    by_study: Mapping[str, Set[str]]
    left: Mapping[str, int]


def shown_before(data: ShownBefore) -> Iterator[str]:
    """Yield the studies that chose among settings and were tested on texts of this study, and which left some."""
    shared = {name: n for name, shown in data.by_study.items() if (n := len(data.tested & shown))}
    if not shared:
        return
    ordered = sorted(shared, key=lambda name: (-data.left[name], name))
    names = {name: sanitize(name, 60) for name in ordered[:MOST_NAMED]}
    more = f" and {len(shared) - len(names)} more" if len(shared) > len(names) else ""
    n_tested = len(data.tested)
    if len(shared) == 1:
        ((only, shown),) = names.items()
        text, none = f"{shared[only]:,} of {n_tested:,} test texts were also those of {shown}, a sweep or search", ""
    else:
        counts = ", ".join(f"{shown} ({shared[name]:,} of {n_tested:,})" for name, shown in names.items())
        text, none = f"test texts were also those of sweeps or searches: {counts}{more}", " by them"
    useful = [f"confirm={shown} draws others ({n:,} left)" for name, shown in names.items() if (n := data.left[name])]
    yield f"{data.dataset}: {text}; {', or '.join(useful) or f'none is left{none} to confirm a choice on'}"
