"""From a corpus to the files of a model: prepared, trained, described."""

import dataclasses
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seedbed.data.hashes import file_sha256
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.bilm.precision import resolve_precision
from seedbed.embeddings.hub import export
from seedbed.embeddings.static import Static
from seedbed.errors import InputError
from seedbed.files import nothing_left
from seedbed.pretraining import card, distillation, files, shards, vocabulary
from seedbed.pretraining.corpus import DatasetTexts, Texts
from seedbed.pretraining.initial_weights import initial_weights
from seedbed.pretraining.progress import HeldOutEvaluation, ProgressReport
from seedbed.pretraining.settings import Training
from seedbed.pretraining.sizes import architecture_of, options_of
from seedbed.pretraining.trainer import Trainer
from seedbed.pretraining.training_state import CHECKPOINT

SHARDS = "shards"

SAVED_MODEL = "saved_model"

DEFAULT_WORDS = 50_000

EXCLUDED = "excluded_ids.txt"


@dataclass(frozen=True)
class VocabularySettings:
    """The vocabulary and the held-out text. ``vocabulary``: its size, 0: 50,000 or fewer."""

    vocabulary: int = 0
    min_count: int = 2
    held_out: float = 0.01

    def __post_init__(self) -> None:
        if self.vocabulary and self.vocabulary <= len(vocabulary.SPECIAL):
            raise InputError(f"vocabulary={self.vocabulary}: must be more than {len(vocabulary.SPECIAL)}")
        if self.min_count < 1:
            raise InputError(f"min_count={self.min_count}: must be at least 1")
        if not 0 < self.held_out < 1:
            raise InputError(f"held_out={self.held_out}: must be above 0 and below 1")


@dataclass(frozen=True)
class Job:
    """A training to be done. ``init_from``: the folder of a model to continue.

    ``saved_model``: whether the model is also written as a TensorFlow SavedModel; ``distil``: the embedding whose
    vectors the token network learns first, see ``distillation``. Raises InputError.
    """

    source: Texts | DatasetTexts
    output: Path
    size: str = ""
    init_from: Path | None = None
    words: VocabularySettings = field(default_factory=VocabularySettings)
    training: Training = field(default_factory=Training)
    stored: str = "float16"
    saved_model: bool = True
    distil: Static | None = None

    def __post_init__(self) -> None:
        if self.init_from and self.distil:
            raise InputError(f"distil={self.distil.name}: cannot be combined with from={self.init_from}")
        if self.init_from and self.init_from.resolve() == self.output.resolve():
            raise InputError(f"from={self.init_from}: is also output=; give another output=")

    def architecture(self) -> Architecture:
        """Return the architecture of the size or of the model to continue. Raises InputError where they differ."""
        if self.init_from is None:
            return architecture_of(self.size or "small")
        architecture = read_options(self.init_from / files.OPTIONS)
        if self.size and options_of(architecture_of(self.size)) != options_of(architecture):
            raise InputError(
                f"from={self.init_from}: the model is of another shape than size={self.size}; leave size= out"
            )
        return architecture

    def prepare(self, log: Callable[[str], None]) -> "PreparedJob":
        """Read the corpus, unless its shards exist, and choose the vocabulary. Raises InputError."""
        architecture = self.architecture()
        if self.saved_model:
            export.refuse_other_folder(self.output / SAVED_MODEL)
            export.refuse_layers(architecture, f"from={self.init_from}", "; give saved_model=false")
        folder = self.output / SHARDS
        source = dict(self.source.source()) | {"held_out": self.words.held_out, "seed": self.training.seed}
        corpus = shards.find_shards(folder, source)
        if corpus:
            words, teacher = self._choose_words(folder)
        else:
            log(f"reading {self.source.name}")
            with nothing_left(folder):
                corpus, _ = shards.write_shards(
                    self.source.read(), folder, self.words.held_out, self.training.seed, source
                )
                words, teacher = self._choose_words(folder)
        for name, part in (("training", corpus.train), ("held out", corpus.held_out)):
            log(f"{name}: {part.documents:,} documents, {part.sentences:,} sentences, {part.tokens:,} tokens")
        log(f"{len(words):,} words in the vocabulary")
        if self.init_from and not files.has_softmax(self.init_from):
            log(f"from={self.init_from}: has no softmax that was trained with its weights; a new one is initialized")
        return PreparedJob(self, architecture, corpus, words, teacher)

    def _choose_words(self, folder: Path) -> tuple[list[str], distillation.Teacher | None]:
        counts = vocabulary.read_counts(folder / shards.COUNTS)
        words = vocabulary.choose_words(counts, self.words.vocabulary or None, self.words.min_count, DEFAULT_WORDS)
        if self.distil is None:
            return words, None
        return words, distillation.build_teacher(self.distil.name, self.distil.vectors(words), counts)


@dataclass(frozen=True)
class PreparedJob:
    """A job with the shards of its corpus and its vocabulary."""

    job: Job
    architecture: Architecture
    shards: shards.Shards
    words: Sequence[str]
    teacher: distillation.Teacher | None = None

    def recipe(self) -> dict[str, object]:
        """Return everything that determines the weights, as JSON."""
        training = dataclasses.asdict(self.job.training) | {"learning_rate": self.job.training.full_rate}
        training["precision"] = resolve_precision(self.job.training.precision)
        return {
            "corpus": self.job.source.name,
            "text_sha256": self.shards.train.sha256,
            "held_out_sha256": self.shards.held_out.sha256,
            "vocabulary_sha256": hashlib.sha256("\n".join(self.words).encode()).hexdigest(),
            "from": file_sha256(self.job.init_from / files.WEIGHTS) if self.job.init_from else "",
            "options": options_of(self.architecture),
            **({"distil": self.teacher.record} if self.teacher else {}),
            **training,
        }

    def trainer(self, log: Callable[[str], None]) -> Trainer:
        """Return the trainer at the first step, or at its checkpoint. Raises InputError.

        After distillation, a checkpoint is written before the first step.
        """
        settings, precision = self.job.training, resolve_precision(self.job.training.precision)
        teacher = None if (self.job.output / CHECKPOINT).exists() else self.teacher
        weights = initial_weights(
            self.architecture, self.words, settings.seed, self.job.init_from, teacher, precision, log
        )
        trainer = Trainer(
            self.architecture, settings, self.shards, self.words, weights, self.job.output, self.recipe(),
            self._save_model,
        )  # fmt: skip
        if teacher:
            trainer.save()
        return trainer

    def run(self, trainer: Trainer, on_progress: Callable[[ProgressReport], None], minutes: float = math.inf) -> str:
        """Train, and write the model and its card; return why training ended, a key of ``card.ENDS``."""
        vocabulary.write(self.job.output / files.VOCABULARY, self.words)
        files.write_trained_texts(self.job.output, self.shards, self.job.init_from)
        ended = trainer.train(on_progress, 60 * minutes)
        card.write(self.job.output, self.build_card(trainer, ended))
        excluded = self.job.source.excluded()
        if excluded:
            vocabulary.write(self.job.output / EXCLUDED, excluded)
        if self.job.saved_model and trainer.history.saved:
            export.write_saved_model(*(self.job.output / name for name in (files.OPTIONS, files.WEIGHTS, SAVED_MODEL)))
        return ended

    def build_card(self, trainer: Trainer, ended: str) -> card.Card:
        """Return the model's card."""
        from seedbed.backend import name

        history, held_out = trainer.history, self.shards.held_out
        unknown = sum(
            word not in trainer.numbers
            for text in shards.documents_in_order(self.shards.folder, held_out)
            for word in text.split()
        )
        return {
            "recipe": self.recipe(),
            "text": self.job.source.description,
            "ended": ended,
            "best": dataclasses.asdict(history.saved) if history.saved else None,
            "looks": [dataclasses.asdict(evaluation) for evaluation in history.evaluations],
            "vocabulary": len(self.words),
            "train": _sizes(self.shards.train),
            "held_out": _sizes(held_out) | {"unknown": unknown / max(1, held_out.tokens)},
            "excluded": len(self.job.source.excluded()),
            "seconds": history.seconds,
            "words_a_second": trainer.state.step * trainer.words_per_step / max(history.seconds, 1e-9),
            "backend": name(),
            "stored": self.job.stored,
        }

    def _save_model(self, weights: Mapping[str, np.ndarray], evaluation: HeldOutEvaluation) -> None:
        files.write(self.job.output, self.architecture, weights, self.job.stored)


def _sizes(part: shards.CorpusPart) -> dict[str, int]:
    return {"documents": part.documents, "sentences": part.sentences, "tokens": part.tokens}
