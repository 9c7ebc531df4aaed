"""The winner of a comparison as a model in a folder: all its replicates as an ensemble, with a card."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import Row
from seedbed.comparison.record import findings_of
from seedbed.config.plugins import AllowedModule
from seedbed.data.draws import EPISODES
from seedbed.errors import InputError
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.report import report_of
from seedbed.saved_models.description import CARD, MODEL, NETWORK, read_description
from seedbed.saved_models.saving import merged, with_vectors
from seedbed.shipping.card import Facts, card
from seedbed.shipping.retraining import HOW, floor_files, planned_again, trained_again
from seedbed.shipping.winner import Evidence, evidence_of
from seedbed.studies.report_sources import ReportSource, from_comparison, from_study
from seedbed.studies.saved_models import cells_of, stored_model

if TYPE_CHECKING:
    from seedbed.comparison.plan import PlannedCell
    from seedbed.studies.display import Display
    from seedbed.tracking.store import Store

VECTORS = ("words", "all", "file")
"""Vectors of a static file in the folder: of the words of the data set, of all words, or none (the file is needed)."""


@dataclass(frozen=True)
class Request:
    """What to ship: a ``comparison`` (an empty text: the last one) or a ``study`` by name; ``arm`` None: the winner."""

    comparison: str | None = None
    study: str | None = None
    arm: str | None = None
    size: int | None = None
    vectors: str = "words"
    allowed: tuple[AllowedModule, ...] = ()

    @property
    def where(self) -> str:
        """The source, for messages."""
        return f"study={self.study}" if self.study else f"comparison={self.comparison or 'the last one'}"


@dataclass(frozen=True)
class Shipped:
    """The files of a model with its card, and why it is the one."""

    files: dict[str, bytes]
    evidence: Evidence


def ship(store: "Store", request: Request, display: "Display") -> Shipped:
    """Return the model of a comparison; cells without a saved model are trained again. Raises InputError."""
    source = _source(store, request, display)
    analysed = report_of(source.table, source.baseline, source.metric, source.inputs)
    if not isinstance(analysed, Analysis):
        raise InputError(f"{request.where}: has several data sets, which have a winner each: name one comparison")
    evidence = evidence_of(analysed, request.arm, request.size)
    settings = analysed.inputs.settings
    if any(_has_episodes(settings[arm]) for arm in settings if evidence.is_floor or evidence.arm == arm):
        raise InputError(
            f"arm={evidence.arm}: each replicate is an episode with entity types of its own, so there is no model of "
            "all types; compare the arms with sampling.strategy=k_per_type, and ship the winner of that"
        )
    if evidence.is_floor:
        rows, files, cells, again = _floor(source, evidence, request)
    else:
        rows = cells_of(_rows(source), evidence.arm, evidence.n_train, request.where)
        files, cells, again = _arm(store, source, rows, evidence, request, display)
    description = read_description(files[MODEL], request.where, request.allowed)
    kept = ""
    if description.kind == NETWORK and request.vectors != "file":
        files, kept = _with_vectors(files, source, rows, cells, evidence, request)
        description = read_description(files[MODEL], request.where, request.allowed)
    findings = [found for record in source.records for found in findings_of(record)]
    facts = Facts(evidence, rows, tuple(dict.fromkeys(findings)), _name(source), kept, again)
    return Shipped({**files, CARD: card(description, facts).encode()}, evidence)


def _has_episodes(settings: Mapping[str, str]) -> bool:
    return settings.get("sampling.strategy") == EPISODES


def _source(store: "Store", request: Request, display: "Display") -> ReportSource:
    if request.study:
        return from_study(store, request.study, display.log)
    return from_comparison(store, request.comparison or None, display.log)


def _name(source: ReportSource) -> str:
    return f"the study {source.title}" + (f" (comparison={source.run_id})" if source.run_id else "")


def _rows(source: ReportSource) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in source.table.to_dict("records")]


def _floor(
    source: ReportSource, evidence: Evidence, request: Request
) -> "tuple[list[Row], dict[str, bytes], list[PlannedCell], None]":
    """The floor on the draws of the arms at its size, which is fitted in a moment."""
    rows = [row for row in _rows(source) if int(row["n_train"]) == evidence.n_train and row["status"] == "finished"]
    rows = list({str(row["draw"]): row for row in rows}.values())
    cells = planned_again(source.records, None, rows, request.where, request.allowed)
    return [], floor_files(evidence.arm, cells), cells, None


def _arm(
    store: "Store", source: ReportSource, rows: Sequence[Row], evidence: Evidence, request: Request, display: "Display"
) -> "tuple[dict[str, bytes], list[PlannedCell], tuple[int, float, float] | None]":
    """The files of all replicates of an arm; cells that were trained again, if any, and their scores."""
    stored = {row["cell"]: stored_model(store, row["run"]) for row in rows}
    files = {cell: own for cell, own in stored.items() if own is not None}
    missing = [row for row in rows if row["cell"] not in files]
    cells: list[PlannedCell] = []
    again = None
    if missing:
        if any(row["setting"] != "default" for row in missing):
            raise InputError(
                f"arm={evidence.arm}: its settings were chosen by a search, whose cells have no saved model; {HOW}"
            )
        cells = planned_again(source.records, evidence.arm, missing, request.where, request.allowed)
        display.log(f"{len(missing)} of {len(rows)} cells have no saved model: they are trained again")
        made = trained_again(cells, evidence.metric, display)
        files |= {row["cell"]: own for row, (own, _) in zip(missing, made, strict=True)}
        before = [float(row.get(evidence.metric, math.nan)) for row in missing]
        again = len(missing), sum(before) / len(before), sum(score for _, score in made) / len(made)
    return (
        merged([(f"replicate {row['replicate']}", files[row["cell"]]) for row in rows], request.allowed),
        cells,
        again,
    )


def _with_vectors(
    files: dict[str, bytes], source: ReportSource, rows: Sequence[Row], cells: "Sequence[PlannedCell]",
    evidence: Evidence, request: Request,
) -> tuple[dict[str, bytes], str]:  # fmt: skip
    """The files with vectors of words, and what the card says about words that they lack."""
    if request.vectors == "all":
        return with_vectors(files, request.where, None, request.allowed), ""
    planned = cells or planned_again(source.records, evidence.arm, rows[:1], request.where, request.allowed)
    words = {token for example in planned[0].corpus for token in example.tokens}
    made = with_vectors(files, request.where, words, request.allowed)
    if made == files:
        return files, ""
    return made, (
        "The folder has the vectors of the words of the data set; those of other words are read from the file of "
        "vectors where it is there (`model.json` names it), and are unknown where it is not."
    )
