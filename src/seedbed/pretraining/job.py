"""From a corpus to the files of a model: made ready, trained, described."""

import dataclasses
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.data.hashes import file_sha256
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.hub import export
from seedbed.embeddings.static import Static
from seedbed.errors import InputError
from seedbed.files import nothing_left
from seedbed.pretraining import card, distillation, files, shards, vocabulary
from seedbed.pretraining.initial_weights import first_weights
from seedbed.pretraining.progress import Looked, Report
from seedbed.pretraining.settings import Training
from seedbed.pretraining.shards import in_turn
from seedbed.pretraining.sizes import architecture_of, options_of
from seedbed.pretraining.trainer import Trainer
from seedbed.pretraining.training_state import CHECKPOINT

SHARDS = "shards"

SAVED_MODEL = "saved_model"

DEFAULT_WORDS = 50_000

EXCLUDED = "excluded_ids.txt"


@dataclass(frozen=True)
class Words:
    """The vocabulary and the held-out text. ``vocabulary``: how many words, 0: 50,000 or what there is."""

    vocabulary: int = 0
    min_count: int = 2
    held_out: float = 0.01

    def __post_init__(self):
        if self.vocabulary and self.vocabulary <= len(vocabulary.SPECIAL):
            raise InputError(f"vocabulary={self.vocabulary}: must be more than {len(vocabulary.SPECIAL)}")
        if self.min_count < 1:
            raise InputError(f"min_count={self.min_count}: must be at least 1")
        if not 0 < self.held_out < 1:
            raise InputError(f"held_out={self.held_out}: must be above 0 and below 1")


@dataclass(frozen=True)
class Job:
    """A training that was asked for. ``source``: see ``corpus``. ``begin``: the folder of a model that goes on.

    ``saved_model``: whether the model is written for TensorFlow too, see ``export``. ``distil``: whose vectors the
    token network learns first, see ``distillation``.
    """

    source: Any
    output: Path
    size: str = ""
    begin: Path | None = None
    words: Words = field(default_factory=Words)
    training: Training = field(default_factory=Training)
    stored: str = "float16"
    saved_model: bool = True
    distil: Static | None = None

    def __post_init__(self):
        if self.begin and self.distil:
            raise InputError(f"distil={self.distil.name}: is for a new model, and from={self.begin} goes on with one")
        if self.begin and self.begin.resolve() == self.output.resolve():
            raise InputError(f"from={self.begin}: is also output=; give another output=")

    def architecture(self) -> Architecture:
        """That of the size, or of the model that goes on; raises InputError where they differ."""
        if self.begin is None:
            return architecture_of(self.size or "small")
        there = read_options(self.begin / files.OPTIONS)
        if self.size and options_of(architecture_of(self.size)) != options_of(there):
            raise InputError(f"from={self.begin}: the model is of another shape than size={self.size}; leave size= out")
        return there

    def prepare(self, say: Callable[[str], None]) -> "Ready":
        """Read the corpus, or find it made ready; choose the words. Raises InputError."""
        architecture = self.architecture()
        if self.saved_model:
            export.refuse_another(self.output / SAVED_MODEL)
            export.refuse_layers(architecture, f"from={self.begin}", "; give saved_model=false")
        folder = self.output / SHARDS
        source = dict(self.source.source()) | {"held_out": self.words.held_out, "seed": self.training.seed}
        made = shards.found(folder, source)
        if made:
            words, teacher = self._chosen(folder)
        else:
            say(f"reading {self.source.name}")
            with nothing_left(folder):
                made = shards.make(self.source.read(), folder, self.words.held_out, self.training.seed, source)[0]
                words, teacher = self._chosen(folder)
        for name, part in (("training", made.train), ("held out", made.held_out)):
            say(f"{name}: {part.documents:,} documents, {part.sentences:,} sentences, {part.tokens:,} tokens")
        say(f"{len(words):,} words in the vocabulary")
        if self.begin and not files.has_softmax(self.begin):
            say(f"from={self.begin}: no softmax of these weights is beside them; it begins anew")
        return Ready(self, architecture, made, words, teacher)

    def _chosen(self, folder: Path) -> tuple[list[str], distillation.Teacher | None]:
        counts = vocabulary.read_counts(folder / shards.COUNTS)
        words = vocabulary.chosen(counts, self.words.vocabulary or None, self.words.min_count, DEFAULT_WORDS)
        vectors = self.distil and self.distil.vectors(words)
        return words, vectors and distillation.teacher_of(self.distil.name, vectors, counts)


@dataclass(frozen=True)
class Ready:
    """A job whose corpus is ready."""

    job: Job
    architecture: Architecture
    shards: shards.Shards
    words: Sequence[str]
    teacher: distillation.Teacher | None = None

    def recipe(self) -> dict[str, Any]:
        """What determines the weights, as JSON has it."""
        from seedbed.embeddings.bilm.precision import resolve_precision

        training = dataclasses.asdict(self.job.training) | {"learning_rate": self.job.training.full_rate}
        training["precision"] = resolve_precision(self.job.training.precision)
        begin = self.job.begin and file_sha256(self.job.begin / files.WEIGHTS)
        return {
            "corpus": self.job.source.name,
            "text_sha256": self.shards.train.sha256,
            "held_out_sha256": self.shards.held_out.sha256,
            "vocabulary_sha256": hashlib.sha256("\n".join(self.words).encode()).hexdigest(),
            "from": str(begin or ""),
            "options": options_of(self.architecture),
            **({"distil": self.teacher.record} if self.teacher else {}),
            **training,
        }

    def trainer(self, say: Callable[[str], None]) -> Trainer:
        """At the beginning, with a checkpoint where that took long, or where its checkpoint is. Raises InputError."""
        settings, recipe = self.job.training, self.recipe()
        teacher = None if (self.job.output / CHECKPOINT).exists() else self.teacher
        weights = first_weights(
            self.architecture, self.words, settings.seed, self.job.begin, teacher, recipe["precision"], say
        )
        trainer = Trainer(
            self.architecture, settings, self.shards, self.words, weights, self.job.output, recipe, self._keep
        )
        if teacher:
            trainer.save()
        return trainer

    def run(self, trainer: Trainer, watch: Callable[[Report], None], minutes: float = math.inf) -> str:
        """Train and describe; returns why it ended."""
        vocabulary.write(self.job.output / files.VOCABULARY, self.words)
        files.write_trained_texts(self.job.output, self.shards, self.job.begin)
        ended = trainer.train(watch, 60 * minutes)
        card.write(self.job.output, self.card(trainer, ended))
        excluded = self.job.source.excluded()
        if excluded:
            vocabulary.write(self.job.output / EXCLUDED, excluded)
        if self.job.saved_model and trainer.history.kept:
            own = (self.job.output / name for name in (files.OPTIONS, files.WEIGHTS, SAVED_MODEL))
            export.write_saved_model(*own)
        return ended

    def card(self, trainer: Trainer, ended: str) -> dict[str, Any]:
        """What the model's card says."""
        from seedbed.backend import name

        numbers, history = trainer.numbers, trainer.history
        unknown = sum(
            word not in numbers for text in in_turn(self.shards.folder, self.shards.held_out) for word in text.split()
        )
        looks = [dataclasses.asdict(look) for look in history.looks]
        kept = history.kept
        return {
            "recipe": self.recipe(),
            "text": self.job.source.said,
            "ended": ended,
            "best": dataclasses.asdict(kept) if kept else None,
            "looks": looks,
            "vocabulary": len(self.words),
            "train": _sizes(self.shards.train),
            "held_out": _sizes(self.shards.held_out) | {"unknown": unknown / max(1, self.shards.held_out.tokens)},
            "excluded": len(self.job.source.excluded()),
            "seconds": history.seconds,
            "words_a_second": trainer.now.step * trainer.block / max(history.seconds, 1e-9),
            "backend": name(),
            "stored": self.job.stored,
        }

    def _keep(self, weights: Mapping[str, np.ndarray], look: Looked) -> None:
        files.write(self.job.output, self.architecture, weights, self.job.stored)


def _sizes(part: shards.Part) -> dict[str, int]:
    return {"documents": part.documents, "sentences": part.sentences, "tokens": part.tokens}
