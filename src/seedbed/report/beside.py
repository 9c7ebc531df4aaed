"""What a report is told besides the table of cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seedbed.results import Finding, Kept

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Beside:
    """All of it may be missing.

    ``context``: titles with what to show under them (`seedbed.report.context`). ``floor``: a table of floors, on these
    draws and perhaps on others. ``kept``: reads predictions and histories of the cells by their column ``run``.
    ``findings``: of the linter.
    """

    context: Mapping[str, Any] = field(default_factory=dict)
    floor: "DataFrame | None" = None
    kept: Kept | None = None
    findings: tuple[Finding, ...] = ()
