"""Checks of the keys that several embeddings have."""

import pytest
from tests.refusals import refusal

from seedbed.embeddings.checks import check_contextual, check_lengths
from seedbed.embeddings.elmo import MIXES, Elmo
from seedbed.embeddings.transformer import Transformer


def test_only_sentences_over_the_limit_are_refused():
    lengths = [("a", 8), ("b", 7), ("c", 9)]
    assert "a: 8 tokens, and embedding.max_tokens=7; 2 texts are too long, up to 9" in refusal(
        check_lengths, 7, lengths
    )
    assert [check_lengths(limit, lengths) for limit in (9, None)] == [None, None]


@pytest.mark.parametrize("settings", [Elmo, Transformer])
@pytest.mark.parametrize(
    ("key", "value"), [("mix", "layers"), ("mix_l2", -1.0), ("cache_gb", 0.0), ("table_gb", 0.0), ("table_gb", -2.0)]
)
def test_models_of_both_kinds_refuse_the_same_values(settings, key, value):
    assert f"embedding.{key}={value}: " in refusal(settings, **{key: value})


def test_any_layer_is_a_mix_until_the_model_is_known():
    assert check_contextual(Elmo(mix="layer17"), MIXES) is None
