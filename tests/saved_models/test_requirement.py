"""What a shipped model needs to be installed."""

from dataclasses import replace

import pytest

import seedbed
from seedbed.embeddings.bpemb import BPEmb
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.model.probe import Probe
from seedbed.model.tasks import Classification
from seedbed.saved_models.description import Description, ReplicateInfo, Variant
from seedbed.saved_models.requirement import requirement
from seedbed.saved_models.text import TextPreparation

PLAIN = Description(
    "arm", "classification", ("a", "b"), "mine", "csv", "d", TextPreparation(),
    (ReplicateInfo(0, 0, "c", "d", 0, 0, 10),), (Variant(Random(), Probe(), Classification()),),
)  # fmt: skip


def test_a_model_of_words_needs_no_extra():
    assert requirement(PLAIN) == f"seedbed=={seedbed.__version__}"


def test_a_part_of_a_stack_and_the_tokenizer_name_their_extras():
    pytest.importorskip("icu4py", reason="the extra icu is not installed")
    stacked = Variant(Stack({"random": Random(), "pieces": BPEmb()}), Probe(), Classification())
    described = replace(PLAIN, text=TextPreparation("icu"), variants=(stacked,))
    assert requirement(described) == f"seedbed[bpemb,icu]=={seedbed.__version__}"
