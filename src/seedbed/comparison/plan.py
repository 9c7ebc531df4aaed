"""The cells of a study, and their draws."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from seedbed.cells import Cell
from seedbed.comparison.fingerprint import arm_parts, fingerprint
from seedbed.comparison.search.keys import refuse_unknown_encoders
from seedbed.comparison.search.proposals import grid_levels
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import SearchSpace, check_embedding, search_spaces
from seedbed.config.build import described
from seedbed.config.schema import SEEDS_APART, Arm, Study, StudyKeys
from seedbed.data.corpus import Corpus
from seedbed.data.draw_sizes import with_numbers
from seedbed.data.draws import Draw, draw
from seedbed.errors import InputError
from seedbed.stages import stage

PRUNE_RULE = 2
"""Of searches with ``tune.prune``; increased when other trials are pruned than before: see `RESULTS_VERSION`."""
REFIT_RULE = 2
"""Of refits whose schedule may be ``warmup``: since version 2 they keep the learning rates of the tuned cell."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell with the arm, corpus and draw to train it.

    ``search``: of a cell whose settings are chosen by a search, its fingerprint; ``default``: the cell of the arm as it
    is, which is trial 0.
    """

    cell: Cell
    arm: Arm
    corpus: Corpus
    draw: Draw
    search: str = ""
    default: "PlannedCell | None" = None


@dataclass(frozen=True)
class Plan:
    """All cells of a study, in the order arm, size, setting, replicate.

    ``only``: the requested replicates, None for all. ``tune``, ``spaces``: how arms are searched, and the space of each
    by its name; None and empty without a search. ``notes``: lines about numbers of examples that fit the data sets.
    """

    planned: tuple[PlannedCell, ...]
    only: tuple[int, ...] | None
    baseline: str | None = None
    tune: Tune | None = None
    spaces: Mapping[str, SearchSpace] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The arms, with the numbers of examples of their draws in place of ``auto``."""
        return tuple({planned.arm.name: planned.arm for planned in self.planned}.values())

    @cached_property
    def as_they_are(self) -> "Plan":
        """The plan of the arms as they are, without the cells of a search."""
        cells = tuple(planned for planned in self.planned if planned.cell.setting == "default")
        return dataclasses.replace(self, planned=cells)

    @cached_property
    def requested(self) -> tuple[PlannedCell, ...]:
        """The cells that the study is to finish."""
        return tuple(p for p in self.planned if self.only is None or p.cell.replicate in self.only)

    def groups(self, cells: Sequence[PlannedCell]) -> list[tuple[PlannedCell, ...]]:
        """Return the groups of cells that train together: one arm at one size, at most ``training.group_size``."""
        by_arm: dict[tuple[str, int], list[PlannedCell]] = {}
        for planned in cells:
            by_arm.setdefault((planned.cell.arm, planned.cell.n_train), []).append(planned)
        groups = []
        for of_arm in by_arm.values():
            size = of_arm[0].arm.training.group_size or len(of_arm)
            groups += [tuple(of_arm[first : first + size]) for first in range(0, len(of_arm), size)]
        return groups

    def draws(self) -> list[tuple[Corpus, Draw]]:
        """Return the draws of the study with their corpora: one per corpus, size, number and sampling."""
        return list(
            {(p.corpus.digest, p.draw.digest, p.draw.replicate): (p.corpus, p.draw) for p in self.planned}.values()
        )


def plan(
    study: Study,
    on_load: Callable[[str], None] = lambda name: None,
    shown: Callable[[Corpus], Set[str]] | None = None,
) -> Plan:
    """Load the data sets, draw for each replicate, and return every cell. ``on_load``: called with each data set.

    ``shown``: returns the ids of a data set that no test set may have.
    """
    corpora: dict[str, Corpus] = {}
    draws: dict[str, Draw] = {}
    planned: list[PlannedCell] = []
    notes: list[str] = []
    keys, tune = study.keys, study.tune
    if tune:
        refuse_unknown_encoders(tune, {*study.encoders, *(arm.choices["encoder"] for arm in study.arms)})
    spaces = search_spaces(study.arms, tune) if tune else {}
    if tune and tune.method == "grid":
        for space in spaces.values():
            grid_levels(space, tune)  # refuses a budget that is too small
    for given in study.arms:
        data_key = repr(given.dataset)
        if data_key not in corpora:
            on_load(given.dataset.name)
            with stage("read"):
                corpora[data_key] = given.dataset.load()
        corpus, parts = corpora[data_key], arm_parts(given, corpora[data_key].longest)
        if tune:
            check_embedding(spaces[given.name])  # the files of the default were read before
        left_out = shown(corpus) if shown else frozenset()
        arm, note = _with_numbers(given, corpus, keys.sizes, left_out)
        notes += [note] if note else []
        sizes: Sequence[int | None] = keys.sizes or [None]
        for size in sizes:
            cells = []
            for replicate, number, start in replicates(keys):
                draw_key = f"{data_key} {arm.sampling!r} {size} {number}"
                if draw_key not in draws:
                    with stage("draw"):
                        seed = SEEDS_APART * keys.seed + number
                        draws[draw_key] = draw(corpus, arm.sampling, size, number, seed, left_out)
                init_seed = SEEDS_APART * keys.seed + start
                cells.append(_planned_cell(arm, parts, corpus, draws[draw_key], size, replicate, init_seed))
            planned += cells
            if tune:
                planned += _searched_cells(cells, parts, tune, spaces[arm.name])
    only = tuple(keys.only) if keys.only is not None else None
    return Plan(tuple(planned), only, keys.baseline, tune, spaces, tuple(dict.fromkeys(notes)))


def _with_numbers(arm: Arm, corpus: Corpus, sizes: Sequence[int] | None, shown: Set[str]) -> tuple[Arm, str]:
    """Return the arm with numbers of validation and test examples that fit its data set, and what was chosen."""
    sampling, note = with_numbers(arm.sampling, corpus, sizes, shown)
    if sampling == arm.sampling:
        return arm, note
    chosen = {f"sampling.{key}": str(getattr(sampling, key)) for key in ("validation", "test", "validation_from")}
    return dataclasses.replace(arm, sampling=sampling, settings=dict(arm.settings) | chosen), note


def replicates(keys: StudyKeys) -> Iterator[tuple[int, int, int]]:
    """Yield (replicate, draw, initialization), all numbered from 0: the same number, or crossed, draw by draw."""
    for replicate in range(keys.numbered):
        crossed = divmod(replicate, keys.initialisations)
        yield replicate, *(crossed if keys.seeds == "crossed" else (replicate, replicate))


def examples_of(cells: Sequence[PlannedCell]) -> list[str]:
    """Return the ids of all examples of these cells' draws, each once."""
    draws = {planned.draw.digest: planned.draw for planned in cells}.values()
    return list(dict.fromkeys(example for draw in draws for example in (*draw.train, *draw.validation, *draw.test)))


def _planned_cell(
    arm: Arm, parts: Mapping[str, object], corpus: Corpus, draw: Draw, size: int | None, replicate: int, init_seed: int
) -> PlannedCell:
    cell = Cell(
        arm=arm.name,
        dataset=_dataset_name(arm),
        embedding=arm.choices["embedding"],
        encoder=arm.choices["encoder"],
        task=arm.choices["task"],
        n_train=len(draw.train) if size is None or arm.sampling.strategy == "per_class" else size,
        replicate=replicate,
        data_seed=draw.data_seed,
        init_seed=init_seed,
        draw=draw.digest,
        cell=fingerprint(parts, corpus, draw, init_seed),
        settings=dict(arm.settings) | {"examples.train": str(len(draw.train))},
        data=corpus.data,
    )
    return PlannedCell(cell, arm, corpus, draw)


def _searched_cells(
    cells: Sequence[PlannedCell], parts: Mapping[str, object], tune: Tune, space: SearchSpace
) -> Iterator[PlannedCell]:
    """Yield the cells whose settings are chosen by a search in each replicate. InputError without validation."""
    searched: dict[str, object] = {"tune": tune.of_trials(), "space": space.texts, "metric": space.metric}
    if tune.prune != "none":  # groups train one after the other, and trials are compared with those before
        searched |= {"group_size": space.arm.training.group_size, "prune_rule": PRUNE_RULE}
    again = [f"tuned {number}" for number in range(2, tune.searches + 1)]
    for setting in ("tuned", *again, *(["refit"] if tune.refit else [])):
        number = {"number": setting} if setting in again else {}
        for planned in cells:
            cell, draw = planned.cell, planned.draw
            if not draw.validation:
                raise InputError(
                    f"tune={tune.method}: arm {cell.arm}, replicate {cell.replicate} has no validation examples to "
                    "choose by; use sampling.validation=100"
                )
            search = fingerprint({**parts, "search": searched | number}, planned.corpus, draw, cell.init_seed)
            own = {**parts, "search": searched} | ({} if setting == "tuned" else {"setting": setting})
            if setting == "refit" and "warmup" in space.schedules:
                own["refit_rule"] = REFIT_RULE
            digest = fingerprint(own, planned.corpus, draw, cell.init_seed)
            yield dataclasses.replace(
                planned, cell=dataclasses.replace(cell, setting=setting, cell=digest), search=search, default=planned
            )


def _dataset_name(arm: Arm) -> str:
    """Return the choice of the data set; the user's files (``dataset=csv``) have their configured name."""
    has_source = arm.dataset.folder or arm.dataset.package or arm.dataset.url
    return arm.choices["dataset"] if has_source else arm.dataset.name


def study_digest(plan: Plan, name: str) -> str:
    """Return the digest that two runs of the same study share: of its name, and its cells under the arms' names."""
    import hashlib

    cells = sorted(f"{p.cell.arm} {p.cell.cell}" for p in plan.planned)
    return hashlib.sha256("\n".join([name, *cells]).encode()).hexdigest()


def draws_manifest(plan: Plan) -> Mapping[str, object]:
    """Return the draws of a study for ``draws.json``, each with its data set, and the sampling of each arm."""
    from seedbed.data.draws import manifest

    draws = plan.draws()
    sampling = {arm.name: described(arm.sampling) for arm in {p.arm.name: p.arm for p in plan.planned}.values()}
    entries = manifest([draw for _, draw in draws])["draws"]
    corpora = [{"dataset": corpus.name, "data": corpus.data, "corpus": corpus.digest} for corpus, _ in draws]
    named = [corpus | entry for corpus, entry in zip(corpora, entries, strict=True)]
    return {"sampling": sampling, "draws": named}
