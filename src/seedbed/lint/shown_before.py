"""Test texts that sweeps in the store were already tested on."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from seedbed.report.wording import sanitize


@dataclass(frozen=True)
class ShownBefore:
    """The ids of a data set's test examples in this study, and in sweeps or searches of other names."""

    dataset: str
    tested: Set[str]
    by_study: Mapping[str, Set[str]]


def shown_before(data: ShownBefore) -> Iterator[str]:
    """Yield studies that chose among settings and were tested on texts of this study."""
    for study, shown in data.by_study.items():
        if shared := len(data.tested & shown):
            name = sanitize(study, 60)
            yield (
                f"{data.dataset}: {shared:,} of {len(data.tested):,} test texts were also those of {name}, a sweep or "
                f"search; confirm={name} draws others, if any are left"
            )
