"""Inputs of a report besides the table of cells."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts, Finding
from seedbed.report.analysis.item_texts import Items
from seedbed.report.analysis.published_scores import Published
from seedbed.report.analysis.tuning import Tuning

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class ReportInputs:
    """Inputs of a report, all optional.

    ``context``: titles with their content (`seedbed.report.sections.context`). ``floor``: a table of floors on these
    draws and perhaps on others. ``artifacts``: reads predictions and histories of the cells by their column ``run``.
    ``items``: texts of test examples and entities of training examples. ``findings``: of the linter. ``published``:
    scores to compare those of the table with. ``settings``: by arm, those of its config groups. ``planned``: the table
    has all arms at all sizes in all replicates, so that a cell without a row is missing. ``lower_is_better``: by
    metric, where its name does not show it. ``times``: seconds of the whole study by stage (`seedbed.stages`).
    ``swept``: by arm of a sweep, its overrides of swept keys. ``same_arms``: by arm, other names of the same cells.
    ``tuning``: the search of a study that has one. ``as_run``: by arm, all that it reads, with defaults; ``settings``
    stands for it where it is not known for all of them.
    """

    context: Mapping[str, object] = field(default_factory=dict)
    floor: "DataFrame | None" = None
    artifacts: CellArtifacts | None = None
    findings: tuple[Finding, ...] = ()
    published: Published | None = None
    items: Items | None = None
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    planned: bool = True
    lower_is_better: Mapping[str, bool] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    swept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tuning: Tuning | None = None
    same_arms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    as_run: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of_data(self, known: Set[str]) -> "ReportInputs":
        """Return the inputs with the floors and texts of the data with these digests (column ``data``) or none."""
        if not known:
            return self
        floor = self.floor
        if floor is not None and "data" in floor.columns:
            floor = floor[floor["data"].fillna("").isin({"", *known})].reset_index(drop=True)
        return replace(self, floor=floor, items=None if self.items is None else self.items.of_data(known))
