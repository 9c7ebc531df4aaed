"""Language models trained by ``seedbed pretrain`` on texts that a study tests on."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from seedbed.comparison.plan import Plan
from seedbed.config.schema import Stage
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw
from seedbed.data.sources import INSIDE, in_package
from seedbed.data.text_fingerprints import TextFingerprints, read
from seedbed.embeddings.elmo import Elmo
from seedbed.errors import InputError
from seedbed.lint.plan_data import span
from seedbed.lint.tokens import join_names, parts
from seedbed.pretraining.files import TRAINED_TEXTS


@dataclass
class ModelUse:
    """A model, the fingerprints of its training texts, and the draws of a data set in which arms use it."""

    model: str
    fingerprints: TextFingerprints
    corpus: Corpus
    dataset: Stage
    arms: dict[str, None] = field(default_factory=dict)
    draws: dict[str, Draw] = field(default_factory=dict)
    has_read: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def training(self) -> frozenset[str]:
        """Ids of the training split: a model may have read them, also where they are validation examples."""
        return frozenset(example.id for example in self.corpus.splits.get("train", ()))

    def has(self, example_id: str) -> bool:
        """Return whether the model has read the text of an example, which may have been cut."""
        if example_id not in self.has_read:
            tokens = self.corpus.by_id[example_id].tokens
            cut = self.dataset.max_tokens is not None and len(tokens) >= self.dataset.max_tokens
            self.has_read[example_id] = self.fingerprints.has(" ".join(tokens), self.dataset.keep_tokens if cut else "")
        return self.has_read[example_id]


def text_in_pretraining(plan: Plan) -> Iterator[str]:
    """Test texts, and validation texts from outside the training split, that a model of ``seedbed pretrain`` has read.

    The training texts of other models are unknown.
    """
    uses: dict[tuple[Path, str], ModelUse] = {}
    models: dict[str, Sequence[tuple[Path, str]]] = {}
    for planned in plan.planned:
        arm = planned.arm
        if arm.name not in models:
            models[arm.name] = tuple(_models(arm.embedding))
        for file, name in models[arm.name]:
            key = file, planned.corpus.digest
            if key not in uses:
                uses[key] = ModelUse(name, read(file), planned.corpus, arm.dataset)
            uses[key].arms[arm.name] = None
            uses[key].draws[planned.draw.digest] = planned.draw
    for use in uses.values():
        overlaps = [message for split in ("test", "validation") if (message := _message(use, split))]
        if overlaps:
            yield (
                f"{use.corpus.name}: the model of {join_names([*use.arms])}, {use.model}, "
                f"has read {join_names(overlaps)}"
            )


def _models(embedding: object) -> Iterator[tuple[Path, str]]:
    """Yield the fingerprints file and the name of each model of an embedding."""
    for part in parts(embedding):
        uri = getattr(part, "handle" if getattr(part, "source", "") == "hub" else "weights", "")
        if not isinstance(part, Elmo) or not uri or "://" in uri:
            continue
        with suppress(InputError):
            path = in_package(uri) if uri.startswith(INSIDE) else Path(uri).expanduser()
            folder = path.parent  # an exported model is a subfolder of its weights' folder
            if (folder / TRAINED_TEXTS).is_file():
                yield folder / TRAINED_TEXTS, part.name_of_model()


def _message(use: ModelUse, split: str) -> str:
    """Return ``1 to 3 of 500 test texts (in 8 of 10 draws)``; empty if there is no such text."""
    numbers = []
    for draw in use.draws.values():
        # Test texts of a data set without splits are drawn from what is its training split.
        ids = [example_id for example_id in getattr(draw, split) if split == "test" or example_id not in use.training]
        if ids:
            numbers.append((sum(map(use.has, ids)), len(ids)))
    nonzero = [(number, total) for number, total in numbers if number]
    if not nonzero:
        return ""
    where = f" (in {len(nonzero)} of {len(numbers)} draws)" if len(numbers) > 1 else ""
    return f"{span(number for number, _ in nonzero)} of {span(total for _, total in nonzero)} {split} texts{where}"
