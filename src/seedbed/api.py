"""The Python API: load data, define arms, compare them, and read results, in a script or a notebook.

The commands call the same functions. Bad input raises `InputError` with the message that the command would print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.build import build
from seedbed.config.chosen_launcher import without_launching
from seedbed.config.compose import compose
from seedbed.config.hydra_grammar import quote
from seedbed.config.provenance import Provenance
from seedbed.config.schema import ARM_GROUPS, SEEDS_APART, Stage
from seedbed.config.study import study, with_objects
from seedbed.data.corpus import Corpus as Examples
from seedbed.data.corpus import Example
from seedbed.data.draw_sizes import with_numbers
from seedbed.data.draws import Draw, Sampling, draw
from seedbed.errors import InputError
from seedbed.lint.rules import with_findings
from seedbed.progress.study import StudyProgress
from seedbed.report.analysis.across_datasets import DatasetAnalyses
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.scores import stated_directions
from seedbed.report.pages.fragment import html_fragment
from seedbed.report.report import comparisons_of, note_lines_of, report_of, write_any
from seedbed.saved_models.model import load_model  # noqa: F401 (part of this API)
from seedbed.studies.comparing import StudyResult, compare_arms
from seedbed.studies.reading import open_for_reading
from seedbed.studies.report_sources import cells_of_store
from seedbed.studies.workers import Spread

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Arm", "Comparison", "Corpus", "InputError", "analyse", "arm", "compare", "load", "results"]


class Corpus(Examples):
    """A data set in memory: ``splits`` of examples with ``id``, ``tokens`` and ``target``; ``labels``; ``counts``."""

    def draw(
        self, size: int | None = None, replicates: int = 1, *, seed: int = 0, sampling: Sampling | None = None
    ) -> list[Draw]:
        """Return the examples of each replicate as ids: the same for every arm of a study with this ``seed``.

        ``size``: number of training examples, None for all. ``sampling``: how they are drawn, by default at random
        (`seedbed.data.draws.Sampling`). Raises InputError if there are too few examples.
        """
        if sampling is None:
            config = compose(["sampling=fewshot" if size is not None else "sampling=full"])
            sampling = build(config.sampling, "sampling", Provenance(config, []))
        sampling = with_numbers(sampling, self, None if size is None else [size]).sampling
        return [draw(self, sampling, size, number, SEEDS_APART * seed + number) for number in range(replicates)]

    def examples(self, ids: Sequence[str]) -> list[Example]:
        """Return the examples with these ids, such as ``draw.train``."""
        return [self.by_id[name] for name in ids]


@dataclass(frozen=True)
class Arm:
    """One arm of a comparison: override strings, and objects for whole groups."""

    overrides: tuple[str, ...] = ()
    objects: Mapping[str, Stage] | None = None


def load(dataset: str, *overrides: str, config_dir: str | None = None, **settings: object) -> Corpus:
    """Return a data set by the name of its config, such as ``"trec"``; its files are downloaded where allowed.

    Settings are keywords with ``__`` for a dot, or override strings of the command line without ``dataset.``:
    ``load("csv", files={"train": "reviews.csv"}, reader__text_column="review")``. Raises InputError.
    """
    words = [f"dataset={dataset}", *(f"dataset.{word}" for word in (*overrides, *_words(settings)))]
    config = compose(words, config_dir)
    corpus = build(config.dataset, "dataset", Provenance(config, words)).load()
    return Corpus(**{field.name: getattr(corpus, field.name) for field in fields(corpus)})


def arm(*overrides: str, **settings: object) -> Arm:
    """Return an arm from override strings, keywords, or objects of a group.

    ``arm("embedding=glove", "encoder=cnn")``, ``arm(embedding="glove", encoder__filters=64)`` and
    ``arm(encoder=seedbed.model.encoders.CNN(...))`` can be mixed.
    """
    objects = {key: value for key, value in settings.items() if is_dataclass(value) and not isinstance(value, type)}
    for key in objects:
        if key not in ARM_GROUPS:
            raise InputError(f"{key}: an object can be given for {', '.join(ARM_GROUPS)}")
    words = _words({key: value for key, value in settings.items() if key not in objects})
    return Arm((*overrides, *words), objects)


def compare(
    arms: Mapping[str, Arm | str | Sequence[str]], *overrides: str, config_dir: str | None = None,
    progress: bool = True, **settings: object,
) -> "Comparison":  # fmt: skip
    """Train every arm at every size in every replicate, and return the comparison.

    ``arms``: by name, what `arm` returns, or override strings. Settings that apply to all arms are keywords with
    ``__`` for a dot (``dataset="trec"``, ``sizes=[50]``, ``replicates=10``, ``training__epochs=20``) or override
    strings. The task is that of the data set, and ``sizes`` implies ``sampling="fewshot"``, unless given. Cells
    that are finished in the store (``tracking__uri``) are not trained again. ``plugins=["my_module"]`` allows classes
    of a module. Files are written to ``output``, by default ``seedbed-out/NAME``. Raises InputError.
    """
    specs = {name: _as_arm(spec) for name, spec in arms.items()}
    words = [*overrides, *_words(settings)]
    words += _implied(words)
    words.append(f"arms={quote({name: list(spec.overrides) for name, spec in specs.items()})}")
    checked = study(without_launching(words), config_dir)
    spread = Spread.of(words, config_dir, checked.keys.workers)
    if spread and any(spec.objects for spec in specs.values()):
        raise InputError("workers: arms with objects are trained in this process alone; give them as override strings")
    checked = with_objects(checked, {name: spec.objects for name, spec in specs.items() if spec.objects})
    result = compare_arms(checked, StudyProgress() if progress else None, spread=spread)
    return Comparison(result.table, result.analysed, result.page, result)


def results(uri: str = "sqlite:///mlflow.db", where: str | None = None) -> "DataFrame":
    """Return the cells of a store, a row each with the columns of ``results.csv``.

    ``where``: a condition as in SQL, such as ``"dataset='imdb' and n_train=200"``. The default cells of an arm that was
    searched in several ways are there for each search. Raises InputError.
    """
    return cells_of_store(open_for_reading([f"tracking.uri={quote(uri)}"]), where).table


def analyse(
    table: "DataFrame", baseline: str | None = None, metric: str | None = None, *,
    lower_is_better: Sequence[str] = (), higher_is_better: Sequence[str] = (),
) -> "Comparison":  # fmt: skip
    """Return the comparison of the arms in a table, whatever program made it.

    ``table``: columns ``arm``, ``n_train``, ``replicate`` and at least one score, a row per cell. Raises InputError.
    """
    directions = {}
    if lower_is_better or higher_is_better:
        directions = stated_directions(check_table(table), lower_is_better, higher_is_better)
    inputs = ReportInputs(lower_is_better=directions)
    return Comparison(table, report_of(table, baseline, metric, inputs, with_findings))


@dataclass(frozen=True, repr=False)
class Comparison:
    """The comparison of the arms in a table of cells.

    ``table``: a row per cell. ``analysed``: all statistics. ``page``: the written report, if any.
    ``study``: the training run, if cells were trained.
    """

    table: "DataFrame"
    analysed: Analysis | DatasetAnalyses
    page: Path | None = None
    study: StudyResult | None = None

    @cached_property
    def comparisons(self) -> "DataFrame":
        """A row per pair of arms, size and metric, with the columns of ``comparisons.csv``."""
        return comparisons_of(self.analysed)

    @cached_property
    def answer(self) -> str:
        """The answer in sentences, a line each."""
        return "\n".join(note_lines_of(self.analysed))

    def report(self, folder: str | Path, *, title: str = "study") -> Path:
        """Write the report with its tables into a folder; return the path of the page. Raises InputError."""
        return write_any(self.analysed, Path(folder), title=title)

    def __repr__(self) -> str:
        return self.answer or "no pair of arms to compare"

    def _repr_html_(self) -> str:
        return html_fragment(self.analysed, self.answer.splitlines())


def _as_arm(spec: Arm | str | Sequence[str]) -> Arm:
    if isinstance(spec, Arm):
        return spec
    return Arm((spec,) if isinstance(spec, str) else tuple(spec))


def _words(settings: Mapping[str, object]) -> list[str]:
    """Return keywords as override strings: text unchanged, other values in Hydra's grammar."""
    return [f"{key.replace('__', '.')}={_value(key, value)}" for key, value in settings.items()]


def _value(key: str, value: object) -> str:
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, Path):
        value = str(value)
    if value is not None and not isinstance(value, str | bool | int | float | list | Mapping):
        raise InputError(f"{key}={type(value).__name__}: must be text, a number, true or false, a list or a mapping")
    return quote(dict(value) if isinstance(value, Mapping) else value)


def _implied(words: Sequence[str]) -> list[str]:
    """Return the override for few-shot sampling with ``sizes``, unless it is set."""
    keys = {word.partition("=")[0] for word in words}
    return ["sampling=fewshot"] if "sizes" in keys and not keys & {"sampling", "experiment"} else []
