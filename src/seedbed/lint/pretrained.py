"""Language models trained by ``seedbed pretrain`` on texts that a study tests on."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seedbed.comparison.plan import Plan
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw
from seedbed.data.sources import INSIDE, in_package
from seedbed.data.text_fingerprints import TextFingerprints, read
from seedbed.embeddings.elmo import Elmo
from seedbed.errors import InputError
from seedbed.lint.plan_data import span
from seedbed.lint.tokens import listed, parts
from seedbed.pretraining.files import TRAINED_TEXTS


@dataclass
class Use:
    """A model with the texts that it has read, and the draws in which some arms see a data set."""

    model: str
    known: TextFingerprints
    corpus: Corpus
    dataset: Any
    arms: dict[str, None] = field(default_factory=dict)
    draws: dict[str, Draw] = field(default_factory=dict)
    looked: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def training(self) -> frozenset[str]:
        """The ids of the training split: a model may know those texts, also where validation examples are of them."""
        return frozenset(example.id for example in self.corpus.splits.get("train", ()))

    def has(self, one: str) -> bool:
        """Whether the model has read the text of an example, or what is left of it where it was cut."""
        if one not in self.looked:
            tokens = self.corpus.by_id[one].tokens
            cut = self.dataset.max_tokens is not None and len(tokens) >= self.dataset.max_tokens
            self.looked[one] = self.known.has(" ".join(tokens), self.dataset.keep_tokens if cut else "")
        return self.looked[one]


def text_in_pretraining(plan: Plan) -> Iterator[str]:
    """Test texts, and validation texts from outside the training split, that a model of ``seedbed pretrain`` has read.

    Of other models nothing is known.
    """
    uses: dict[tuple[Path, str], Use] = {}
    models: dict[str, Sequence[tuple[Path, str]]] = {}
    for planned in plan.planned:
        arm = planned.arm
        if arm.name not in models:
            models[arm.name] = tuple(_models(arm.embedding))
        for file, name in models[arm.name]:
            key = file, planned.corpus.digest
            if key not in uses:
                uses[key] = Use(name, read(file), planned.corpus, arm.dataset)
            uses[key].arms[arm.name] = None
            uses[key].draws[planned.draw.digest] = planned.draw
    for use in uses.values():
        found = [said for split in ("test", "validation") if (said := _said(use, split))]
        if found:
            yield f"{use.corpus.name}: the model of {listed([*use.arms])}, {use.model}, has read {listed(found)}"


def _models(embedding: object) -> Iterator[tuple[Path, str]]:
    """What says what the models of an embedding have read, and what people call them."""
    for one in parts(embedding):
        place = getattr(one, "handle" if getattr(one, "source", "") == "hub" else "weights", "")
        if not isinstance(one, Elmo) or not place or "://" in place:
            continue
        with suppress(InputError):
            path = in_package(place) if place.startswith(INSIDE) else Path(place).expanduser()
            folder = path.parent  # an exported model is a folder in that of its weights
            if (folder / TRAINED_TEXTS).is_file():
                yield folder / TRAINED_TEXTS, one.name_of_model()


def _said(use: Use, split: str) -> str:
    """``1 to 3 of 500 test texts (in 8 of 10 draws)``; empty where there is none."""
    numbers = []
    for draw in use.draws.values():
        ids = [one for one in getattr(draw, split) if one not in use.training]
        if ids:
            numbers.append((sum(map(use.has, ids)), len(ids)))
    found = [(number, whole) for number, whole in numbers if number]
    if not found:
        return ""
    where = f" (in {len(found)} of {len(numbers)} draws)" if len(numbers) > 1 else ""
    return f"{span(number for number, _ in found)} of {span(whole for _, whole in found)} {split} texts{where}"
