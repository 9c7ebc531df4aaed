"""The time of a whole study by stage."""

from collections.abc import Mapping

from seedbed.report.sections.page_table import PageTable, TableCell, number_cell, percent
from seedbed.stages import STAGES

NOTE = (
    "Of one run of the whole study, all its data sets together, until this report, which is not included. "
    "What runs in the background is not counted, only waiting for it."
)


def time_table(times: Mapping[str, float], note: str = NOTE) -> PageTable:
    """Return a row per stage with its seconds, share of the sum and contents, and the sum; no rows without times."""
    total = sum(times.values())
    rows = [
        _row(name, seconds, total, STAGES.get(name, ""))  # type: ignore[call-overload]  # a stage of another version
        for name, seconds in sorted(times.items(), key=lambda item: _position(item[0]))
    ]
    rows += [_row("sum", total, total, "")] if times else []
    return PageTable("Time by stage", ("stage", "seconds", "share (%)", "what"), tuple(rows), note)


def _row(name: str, seconds: float, total: float, what: str) -> tuple[TableCell, ...]:
    share = seconds / total if total else 0.0
    return TableCell(name), number_cell(seconds, f"{seconds:,.2f}"), number_cell(share, percent(share)), TableCell(what)


def _position(name: str) -> int:
    names: list[str] = list(STAGES)
    return names.index(name) if name in names else len(names)
