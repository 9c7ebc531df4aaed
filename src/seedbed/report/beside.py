"""What a report is told besides the table of cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seedbed.report.items import Items
from seedbed.report.published.table import Published
from seedbed.results import Finding, Kept

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Beside:
    """All of it may be missing.

    ``context``: titles with what to show under them (`seedbed.report.context`). ``floor``: a table of floors, on these
    draws and perhaps on others. ``kept``: reads predictions and histories of the cells by their column ``run``.
    ``items``: texts of test examples and entities of training examples. ``findings``: of the linter. ``published``:
    scores to stand beside those of the table. ``settings``: by arm, those of its groups.
    ``planned``: the cells were to be all arms at all sizes in all replicates, so that one without a row is missing.
    """

    context: Mapping[str, Any] = field(default_factory=dict)
    floor: "DataFrame | None" = None
    kept: Kept | None = None
    findings: tuple[Finding, ...] = ()
    published: Published | None = None
    items: Items | None = None
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    planned: bool = True
