"""Whether two representations change their order with the encoder."""

import numpy as np
import pandas as pd
import pytest

from seedbed.lint.rules import with_findings
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.encoder_order import encoder_orders
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.notices import encoder_sentences

NOISE = np.random.default_rng(3).normal(0, 0.01, (4, 10))


def table(glove_cnn, elmo_cnn, glove_probe, elmo_probe, metric="test/accuracy"):
    """Ten replicates of two embeddings under two encoders, at these means."""
    means = (("glove", "cnn"), glove_cnn), (("elmo", "cnn"), elmo_cnn), (("glove", "probe"), glove_probe), (
        ("elmo", "probe"), elmo_probe)  # fmt: skip
    return pd.DataFrame([
        {"arm": "_".join(parts), "embedding": parts[0], "encoder": parts[1], "n_train": 50, "replicate": replicate,
         metric: mean + NOISE[number, replicate]}
        for number, (parts, mean) in enumerate(means) for replicate in range(10)
    ])  # fmt: skip


def test_opposite_clear_differences_depend_on_the_encoder():
    (text,) = encoder_sentences(analyse(table(0.6, 0.7, 0.7, 0.6)))
    assert text.startswith("The order depends on the encoder at 50 examples: with cnn elmo_cnn beats glove_cnn by ")
    assert ", but with probe glove_probe beats elmo_probe by " in text


def test_it_is_a_finding_too():
    analysis = with_findings(analyse(table(0.6, 0.7, 0.7, 0.6)))
    assert [finding.text for finding in analysis.inputs.findings] == encoder_sentences(analysis)
    assert {finding.rule for finding in analysis.inputs.findings} == {"order-by-encoder"}


def test_one_clear_difference_is_enough():
    (text,) = encoder_sentences(analyse(table(0.6, 0.7, 0.703, 0.7)))
    assert text.endswith(" points, not clearly.")
    assert "glove_probe is ahead of elmo_probe by " in text


@pytest.mark.parametrize("means", [(0.6, 0.7, 0.6, 0.7), (0.7, 0.6, 0.8, 0.6), (0.7, 0.703, 0.706, 0.7)])
def test_the_same_order_or_no_clear_difference_says_nothing(means):
    assert encoder_orders(analyse(table(*means))) == []


def test_of_a_loss_the_lower_is_better():
    (order,) = encoder_orders(analyse(table(0.6, 0.7, 0.7, 0.6, "test/log_loss")))
    assert (order.first.arm, order.second.arm) == ("glove_cnn", "elmo_probe")


def test_other_settings_of_the_embedding_are_another_representation():
    settings = {
        f"{embedding}_{encoder}": {"embedding": embedding, "encoder": encoder, "embedding.dim": dim}
        for embedding, encoder, dim in (("glove", "cnn", "50"), ("elmo", "cnn", "9"), ("glove", "probe", "50"))
    }
    for dim, number in (("9", 1), ("10", 0)):
        every = settings | {"elmo_probe": {"embedding": "elmo", "encoder": "probe", "embedding.dim": dim}}
        analysis = analyse(table(0.6, 0.7, 0.7, 0.6), inputs=ReportInputs(settings=every))
        assert len(encoder_orders(analysis)) == number


def test_arms_that_share_embedding_and_encoder_are_left_out():
    doubled = table(0.6, 0.7, 0.7, 0.6)
    again = doubled[doubled["arm"] == "glove_cnn"].assign(arm="again")
    assert encoder_orders(analyse(pd.concat([doubled, again], ignore_index=True))) == []
