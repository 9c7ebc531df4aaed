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
from seedbed.saved_models.onnx_export import onnx_files, refuse_unexportable, refuse_without_onnx
from seedbed.saved_models.saving import merged, with_vectors
from seedbed.shipping.card import Facts, card
from seedbed.shipping.ensemble_score import EnsembleScore, ensemble_score
from seedbed.shipping.retraining import floor_files, planned_again, refitted, trained_again, with_settings_of
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
    """What to ship: a ``comparison`` (an empty text: the last one) or a ``study`` by name; ``arm`` None: the winner.

    ``onnx``: with a graph of ONNX; ``refit``: trained again on training and validation examples.
    """

    comparison: str | None = None
    study: str | None = None
    arm: str | None = None
    size: int | None = None
    vectors: str = "words"
    allowed: tuple[AllowedModule, ...] = ()
    onnx: bool = False
    refit: bool = False

    @property
    def where(self) -> str:
        """The source, for messages."""
        return f"study={self.study}" if self.study else f"comparison={self.comparison or 'the last one'}"


@dataclass(frozen=True)
class Shipped:
    """The files of a model with its card, and why it is the one."""

    files: dict[str, bytes]
    evidence: Evidence


@dataclass(frozen=True)
class _Made:
    """The files of a model and the ``rows`` of its cells; ``cells``: those that were planned, and perhaps trained.

    ``again``: see `seedbed.shipping.card.Facts`.
    """

    rows: Sequence[Row]
    files: dict[str, bytes]
    cells: "Sequence[PlannedCell]" = ()
    again: tuple[int, float, float] | None = None


def ship(store: "Store", request: Request, display: "Display") -> Shipped:
    """Return the model of a comparison; cells without a saved model are trained again. Raises InputError."""
    if request.onnx:
        refuse_without_onnx()
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
    make = _floor if evidence.is_floor else _refitted if request.refit else _arm
    made = make(store, source, evidence, request, display)
    description, files, kept = read_description(made.files[MODEL], request.where, request.allowed), made.files, ""
    if description.kind == NETWORK and request.vectors != "file":
        files, kept = _with_vectors(store, source, made, evidence, request)
        description = read_description(files[MODEL], request.where, request.allowed)
    if request.onnx:
        files |= onnx_files(files, request.where, request.allowed)
    findings = [found for record in source.records for found in findings_of(record)]
    together: EnsembleScore | str = "of simple methods no predictions are recorded"
    if not evidence.is_floor:
        together = ensemble_score(made.rows, store.cell_artifacts(), evidence.metric, description)
    facts = Facts(
        evidence, made.rows, tuple(dict.fromkeys(findings)), _name(source), kept, made.again, together, request.refit,
        request.onnx,
    )  # fmt: skip
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


def _floor(store: "Store", source: ReportSource, evidence: Evidence, request: Request, display: "Display") -> _Made:
    """The floor on the draws of the arms at its size, which is fitted in a moment."""
    for key in ("onnx", "refit"):
        if getattr(request, key):
            raise InputError(f"{key}=true: {evidence.arm} is no arm; name one by arm=NAME")
    rows = [row for row in _rows(source) if int(row["n_train"]) == evidence.n_train and row["status"] == "finished"]
    rows = list({str(row["draw"]): row for row in rows}.values())
    cells = planned_again(source.records, None, rows, request.where, store.cell_artifacts(), request.allowed)
    return _Made((), floor_files(evidence.arm, cells), cells)


def _arm(store: "Store", source: ReportSource, evidence: Evidence, request: Request, display: "Display") -> _Made:
    """All replicates of an arm, as they are stored or trained again."""
    rows = cells_of(_rows(source), evidence.arm, evidence.n_train, request.where)
    stored = {row["cell"]: stored_model(store, row["run"]) for row in rows}
    files = {cell: own for cell, own in stored.items() if own is not None}
    missing = [row for row in rows if row["cell"] not in files]
    cells: list[PlannedCell] = []
    again = None
    if missing:
        cells = _planned(store, source, evidence, missing, request)
        display.log(f"{len(missing)} of {len(rows)} cells have no saved model: they are trained again")
        made = trained_again(cells, evidence.metric, display)
        files |= {row["cell"]: own for row, (own, _) in zip(missing, made, strict=True)}
        before = [float(row.get(evidence.metric, math.nan)) for row in missing]
        again = len(missing), sum(before) / len(before), sum(score for _, score in made) / len(made)
    return _Made(rows, _together(rows, [files[row["cell"]] for row in rows], request), cells, again)


def _refitted(store: "Store", source: ReportSource, evidence: Evidence, request: Request, display: "Display") -> _Made:
    """All replicates of an arm, trained on their training and validation examples."""
    rows = cells_of(_rows(source), evidence.arm, evidence.n_train, request.where)
    if any(row["setting"] == "refit" for row in rows):
        raise InputError(
            f"refit=true: the replicates of arm {evidence.arm} were trained on training and validation examples by "
            "tune.refit=true: ship them without refit=true"
        )
    cells = _planned(store, source, evidence, rows, request)
    anew = [refitted(planned, row) for planned, row in zip(cells, rows, strict=True)]
    display.log(f"{len(rows)} replicates are trained on their training and validation examples")
    made = trained_again(anew, evidence.metric, display)
    files = [with_settings_of(own, planned, request.allowed) for (own, _), planned in zip(made, cells, strict=True)]
    return _Made(rows, _together(rows, files, request), cells)


def _planned(
    store: "Store", source: ReportSource, evidence: Evidence, rows: Sequence[Row], request: Request
) -> "list[PlannedCell]":
    """The cells of these rows, made again; with a graph of ONNX to come, only what it can be made of."""
    artifacts = store.cell_artifacts()
    cells = planned_again(source.records, evidence.arm, rows, request.where, artifacts, request.allowed)
    for planned in cells if request.onnx else ():
        arm = planned.arm
        refuse_unexportable(arm.embedding, arm.encoder, arm.task, arm.training.precision)
    return cells


def _together(rows: Sequence[Row], files: Sequence[dict[str, bytes]], request: Request) -> dict[str, bytes]:
    names = [f"replicate {row['replicate']}" for row in rows]
    return merged(list(zip(names, files, strict=True)), request.allowed)


def _with_vectors(
    store: "Store", source: ReportSource, made: _Made, evidence: Evidence, request: Request
) -> tuple[dict[str, bytes], str]:
    """The files with vectors of words, and what the card says about words that they lack."""
    if request.vectors == "all":
        return with_vectors(made.files, request.where, None, request.allowed), ""
    planned = made.cells or _planned(store, source, evidence, made.rows[:1], request)
    words = {token for example in planned[0].corpus for token in example.tokens}
    files = with_vectors(made.files, request.where, words, request.allowed)
    if files == made.files:
        return files, ""
    return files, (
        "The folder has the vectors of the words of the data set; those of other words are read from the file of "
        "vectors where it is there (`model.json` names it), and are unknown where it is not."
    )
