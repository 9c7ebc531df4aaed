"""Pretraining of a biLM: settings, checked; the job; the training."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

from seedbed.config.build import build, build_from_keys
from seedbed.config.compose import compose
from seedbed.config.pretraining import OF_FILES, PretrainConfig, compose_pretraining, datasets_with
from seedbed.config.provenance import Provenance, Where
from seedbed.data.dataset import Dataset
from seedbed.data.sources import INSIDE, in_package
from seedbed.data.unlabelled import UNLABELLED
from seedbed.embeddings.static import Static
from seedbed.errors import InputError
from seedbed.files import writable_folder
from seedbed.pretraining.corpus import DATASET_PARTS, TRAIN, DatasetTexts, Texts
from seedbed.pretraining.files import STORED
from seedbed.pretraining.job import Job, PreparedJob, VocabularySettings
from seedbed.pretraining.progress import HeldOutEvaluation, ProgressReport
from seedbed.pretraining.settings import Training
from seedbed.pretraining.sizes import architecture_of
from seedbed.studies.pretraining_log import open_log
from seedbed.tracking.pretrainings import PretrainingRun
from seedbed.tracking.settings import Tracking

DEVICES = ("auto", "cpu", "gpu")


@dataclass(frozen=True)
class Options:
    """Keys of ``seedbed pretrain`` that are not of the text, the vocabulary or the training; ``init_from`` is from=."""

    part: str = TRAIN
    exclude: list[str] = field(default_factory=list)
    size: str | None = None
    init_from: str | None = None
    distil: str | None = None
    output: str | None = None
    stored: str = STORED[0]
    saved_model: bool = True
    time_limit: float | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        for key, choices in (("part", DATASET_PARTS), ("stored", STORED), ("device", DEVICES)):
            if getattr(self, key) not in choices:
                raise InputError(f"{key}={getattr(self, key)}: choose {', '.join(choices)}")
        if self.size:
            architecture_of(self.size)
        if self.time_limit is not None and self.time_limit <= 0:
            raise InputError(f"time_limit={self.time_limit}: must be a number of minutes above 0")


KEYWORDS = {"init_from": "from"}
"""Fields of ``Options`` whose key is no name in Python."""

PARTS = (Texts, VocabularySettings, Training, Options)
KEYS = tuple(KEYWORDS.get(f.name, f.name) for part in PARTS for f in fields(part))
TEXTS = tuple(KEYWORDS.get(f.name, f.name) for part in PARTS for f in fields(part) if f.type in (str, str | None))


@dataclass(frozen=True)
class Pretraining:
    """The settings of a pretraining: text (``texts`` or ``dataset``), model and training. Nothing is read yet.

    ``experiment``: the name of a recipe; ``teacher``: the embedding of distil=; ``tracking``: None logs nothing.
    """

    options: Options
    texts: Texts | None
    dataset: Dataset | None
    exclude: tuple[Dataset, ...]
    sentences: str
    words: VocabularySettings
    training: Training
    init_from: Path | None
    teacher: Static | None
    tracking: Tracking | None
    experiment: str = ""

    @property
    def minutes(self) -> float:
        """The time limit; infinite where there is none."""
        return self.options.time_limit or math.inf

    def job(self, log: Callable[[str], None]) -> Job:
        """Return the job; reads the data set. Raises InputError."""
        options = self.options
        if self.teacher is not None:
            self.teacher.vectors(())  # a missing or bad file is reported before the text is read
        source = self.texts or self._dataset_texts(log)
        name = self.experiment or source.name.removesuffix(".txt")
        output = writable_folder(options.output or f"seedbed-out/pretrain/{name}")
        return Job(source, output, options.size or "", self.init_from, self.words, self.training, options.stored,
                   options.saved_model, self.teacher)  # fmt: skip

    def _dataset_texts(self, log: Callable[[str], None]) -> DatasetTexts:
        if self.dataset is None:
            raise ValueError("neither texts nor a data set")
        log(f"reading {self.dataset.name}")
        corpus = self.dataset.divided().load()
        unlabelled = None if self.options.part == TRAIN else self.dataset.unlabelled(corpus)
        exclude = tuple(dataset.load() for dataset in self.exclude)
        return DatasetTexts(corpus, self.sentences, self.options.part, unlabelled, exclude)


def pretraining(settings: Sequence[str], config_dir: str | None = None) -> Pretraining:
    """Return the pretraining that these settings (``key=value``) describe. Raises InputError."""
    composed = compose_pretraining(settings, TEXTS, KEYS, config_dir)
    config, where = composed.config, composed.where
    from_dataset = config.get("dataset") is not None
    if from_dataset == bool(config.corpus):
        raise InputError("command line: give one of corpus=PATH and dataset=NAME")
    _refuse_keys_of_other_source(composed, from_dataset)
    options = build_from_keys(Options, config, where, KEYWORDS)
    dataset = build(config.dataset, "dataset", where) if from_dataset else None
    may_lack_labels = dataset and hasattr(dataset.reader, "words")  # only reading it tells
    if dataset and options.part != TRAIN and not dataset.files.get(UNLABELLED) and not may_lack_labels:
        raise InputError(
            f"part={options.part}: {dataset.name} has no unlabelled part; {', '.join(datasets_with(UNLABELLED))} has "
            f"one, and dataset.files.{UNLABELLED}=FILE names a file of your own"
        )
    tracking = config.get("tracking")
    with _located("from", where):
        init_from = _model_folder(options.init_from)
    with _located("distil", where):
        teacher = _teacher(options.distil, config_dir)
    with _located("exclude", where):
        exclude = _excluded_datasets(options.exclude, config_dir)
    return Pretraining(
        options=options,
        texts=None if from_dataset else build_from_keys(Texts, config, where),
        dataset=dataset,
        exclude=exclude,
        sentences=str(config.sentences),
        words=build_from_keys(VocabularySettings, config, where),
        training=build_from_keys(Training, config, where),
        init_from=init_from,
        teacher=teacher,
        tracking=None if tracking is None else build(tracking, "tracking", where),
        experiment=composed.experiment,
    )


def _refuse_keys_of_other_source(composed: PretrainConfig, from_dataset: bool) -> None:
    keys, of = (OF_FILES, "corpus=; the texts of a data set are read by dataset.KEY=VALUE") if from_dataset else (
        ("part", "exclude"), "dataset=; corpus= is read whole")  # fmt: skip
    for key in filter(composed.is_set, keys):
        raise InputError(f"{key}={composed.config[key]}: of {of} ({composed.where(key)})")


@contextmanager
def _located(key: str, where: Where) -> Iterator[None]:
    """Add to an InputError where a key was set."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{error} ({where(key)})") from error


def _model_folder(name: str | None) -> Path | None:
    """The folder of a model, which may be in a package."""
    if not name:
        return None
    folder = in_package(name) if name.startswith(INSIDE) else Path(name).expanduser()
    if not folder.is_dir():
        raise InputError(f"from={folder}: there is no such folder; it has the options.json and weights.hdf5 of a model")
    return folder


def _excluded_datasets(settings: Sequence[str], config_dir: str | None) -> tuple[Dataset, ...]:
    """The data sets that these settings describe, each of which begins with ``dataset=NAME``. Raises InputError."""
    groups: list[list[str]] = []
    for setting in settings:
        if setting.startswith("dataset="):
            groups.append([setting])
        elif setting.startswith("dataset.") and groups:
            groups[-1].append(setting)
        else:
            raise InputError(f"exclude=[{setting}]: must be dataset=NAME, or after it dataset.KEY=VALUE")
    configs = [compose(overrides, config_dir) for overrides in groups]
    return tuple(
        build(config["dataset"], "dataset", Provenance(config, overrides))
        for config, overrides in zip(configs, groups, strict=True)
    )


def _teacher(name: str | None, config_dir: str | None) -> Static | None:
    """The embedding of this name. Raises InputError where it has no vector for each word."""
    if not name:
        return None
    if not re.fullmatch(r"[\w.-]+", name):
        raise InputError(f"distil={name}: must be the name of one embedding, such as glove")
    overrides = [f"embedding={name}"]
    try:
        config = compose(overrides, config_dir)
        embedding = build(config["embedding"], "embedding", Provenance(config, overrides))
    except InputError as error:
        text = str(error)
        raise InputError(f"distil={text.removeprefix('embedding=')}" if text.startswith(f"embedding={name}") else
                         f"distil={name}: {text}") from error  # fmt: skip
    if not isinstance(embedding, Static):
        raise InputError(f"distil={name}: has no vector for each word alone; choose one that has, such as glove")
    return embedding


@dataclass(frozen=True)
class Outcome:
    """Why a training ended (a key of ``card.ENDS``), the evaluation of the weights in its files, and its MLflow run."""

    ended: str
    best: HeldOutEvaluation | None
    run: PretrainingRun | None


def train(
    settings: Pretraining, prepared: PreparedJob, device: str, log: Callable[[str], None],
    on_progress: Callable[[int, int], None], on_evaluation: Callable[[HeldOutEvaluation], None],
) -> Outcome:  # fmt: skip
    """Train, from the checkpoint if there is one, and log to MLflow. Raises InputError.

    ``on_progress(done, total)``: predicted words of this session.
    """
    log("starting the backend")
    trainer = prepared.trainer(log)
    first = trainer.state.step
    if first:
        log(f"continuing after step {first:,} of {trainer.steps:,}")
    total = (trainer.steps - first) * trainer.words_per_step
    training_log = open_log(settings.tracking, settings.experiment, prepared, trainer, device, log)
    on_progress(0, total)

    def on_report(report: ProgressReport) -> None:
        on_progress((report.step - first) * trainer.words_per_step, total)
        if report.evaluation:
            on_evaluation(report.evaluation)
        training_log.on_progress(report)

    with training_log.closing():
        ended = prepared.run(trainer, on_report, settings.minutes)
        training_log.done(ended, trainer.state.step * trainer.words_per_step)
    return Outcome(ended, trainer.history.saved, training_log.run)
