"""The cells of a study, and the draws behind them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from seedbed.comparison.fingerprint import fingerprint
from seedbed.config.build import described
from seedbed.config.schema import SEEDS_APART, Arm, Study, StudyKeys
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw, draw
from seedbed.results import Cell


@dataclass(frozen=True)
class Planned:
    """A cell with what it takes to train it."""

    cell: Cell
    arm: Arm
    corpus: Corpus
    draw: Draw


@dataclass(frozen=True)
class Plan:
    """All cells of a study, whether or not ``only`` asks for them, in the order arm, size, replicate."""

    planned: tuple[Planned, ...]
    only: tuple[int, ...] | None
    baseline: str | None = None

    @cached_property
    def asked(self) -> tuple[Planned, ...]:
        """The cells that this command is to finish."""
        return tuple(p for p in self.planned if self.only is None or p.cell.replicate in self.only)

    def groups(self, cells: Sequence[Planned]) -> list[tuple[Planned, ...]]:
        """Cells that train together: those of one arm at one size, at most ``training.group_size`` at once."""
        by_arm: dict[tuple[str, int], list[Planned]] = {}
        for planned in cells:
            by_arm.setdefault((planned.cell.arm, planned.cell.n_train), []).append(planned)
        groups = []
        for together in by_arm.values():
            size = together[0].arm.training.group_size or len(together)
            groups += [tuple(together[first : first + size]) for first in range(0, len(together), size)]
        return groups

    def draws(self) -> list[tuple[Corpus, Draw]]:
        """The draws of the study with their corpora: one for each corpus, size and number, and sampling."""
        return list(
            {(p.corpus.digest, p.draw.digest, p.draw.replicate): (p.corpus, p.draw) for p in self.planned}.values()
        )


def plan(study: Study, loading: Callable[[str], None] = lambda name: None) -> Plan:
    """Load the data sets, draw for each replicate, and name every cell. ``loading`` is told each data set's name."""
    corpora: dict[str, Corpus] = {}
    drawn: dict[str, Draw] = {}
    planned = []
    keys = study.keys
    for arm in study.arms:
        data_key = repr(arm.dataset)
        if data_key not in corpora:
            loading(arm.dataset.name)
            corpora[data_key] = arm.dataset.load()
        corpus = corpora[data_key]
        for size in keys.sizes or [None]:
            for replicate, number, start in replicates(keys):
                draw_key = f"{data_key} {arm.sampling!r} {size} {number}"
                if draw_key not in drawn:
                    drawn[draw_key] = draw(corpus, arm.sampling, size, number, SEEDS_APART * keys.seed + number)
                init_seed = SEEDS_APART * keys.seed + start
                planned.append(_planned(arm, corpus, drawn[draw_key], size, replicate, init_seed))
    return Plan(tuple(planned), tuple(keys.only) if keys.only is not None else None, keys.baseline)


def replicates(keys: StudyKeys) -> Iterator[tuple[int, int, int]]:
    """(replicate, draw, initialisation), all numbered from 0: of one number, or crossed, draw by draw."""
    for replicate in range(keys.numbered):
        crossed = divmod(replicate, keys.initialisations)
        yield replicate, *(crossed if keys.seeds == "crossed" else (replicate, replicate))


def examples_of(cells: Sequence[Planned]) -> list[str]:
    """The ids of all examples that these cells see, each once."""
    draws = {planned.draw.digest: planned.draw for planned in cells}.values()
    return list(dict.fromkeys(example for own in draws for example in (*own.train, *own.validation, *own.test)))


def _planned(arm: Arm, corpus: Corpus, own: Draw, size: int | None, replicate: int, init_seed: int) -> Planned:
    cell = Cell(
        arm=arm.name,
        dataset=_dataset_name(arm),
        **{group: arm.choices[group] for group in ("embedding", "encoder", "task")},
        n_train=size if size is not None else len(own.train),
        replicate=replicate,
        data_seed=own.data_seed,
        init_seed=init_seed,
        draw=own.digest,
        cell=fingerprint(arm, corpus, own, init_seed),
        settings=arm.settings | {"examples.train": str(len(own.train))},
        data=corpus.data,
    )
    return Planned(cell, arm, corpus, own)


def _dataset_name(arm: Arm) -> str:
    """The choice of the data set; one's own files (``dataset=csv``) go by the name that they are given."""
    known = arm.dataset.folder or arm.dataset.package or arm.dataset.url
    return arm.choices["dataset"] if known else arm.dataset.name


def study_digest(plan: Plan, name: str) -> str:
    """What makes two runs of ``compare`` the same study: its name and its cells, under the arms' names."""
    import hashlib

    cells = sorted(f"{p.cell.arm} {p.cell.cell}" for p in plan.planned)
    return hashlib.sha256("\n".join([name, *cells]).encode()).hexdigest()


def draws_manifest(plan: Plan) -> Mapping[str, object]:
    """The draws of a study for ``draws.json``, each with its data set; and the sampling of each arm."""
    from seedbed.data.draws import manifest

    draws = plan.draws()
    sampling = {arm.name: described(arm.sampling) for arm in {p.arm.name: p.arm for p in plan.planned}.values()}
    entries = manifest([own for _, own in draws])["draws"]
    corpora = [{"dataset": corpus.name, "data": corpus.data, "corpus": corpus.digest} for corpus, _ in draws]
    named = [corpus | entry for corpus, entry in zip(corpora, entries, strict=True)]
    return {"sampling": sampling, "draws": named}
