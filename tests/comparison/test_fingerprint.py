"""A fingerprint changes with what determines a result, and with nothing else."""

import dataclasses
import shutil
from types import SimpleNamespace

import pytest

from seedbed.cells import Cell
from seedbed.comparison.fingerprint import arm_parts, fingerprint
from seedbed.config.build import described
from seedbed.embeddings.random import Random
from seedbed.model.encoders import CNN
from seedbed.model.probe import Probe
from seedbed.model.tasks import Classification, Tagging
from seedbed.training.settings import Training

DETERMINES = [
    "seed=1", "embedding.dim=7", "embedding.scale=0.1", "embedding.trainable=true", "encoder.filters=5",
    "encoder.widths=[2]", "encoder.dropout=0.1", "encoder.output_dropout=0.1", "task.hidden=3", "task.dropout=0.1",
    "task.class_weights=true", "task.label_smoothing=0.1", "training.learning_rate=0.1", "training.epochs=3",
    "training.batch_size=3",
    "training.optimizer=sgd", "training.schedule=sqrt2", "training.patience=null", "training.monitor=score",
    "training.keep=last", "training.clip_norm=1.0", "training.batches=shuffled",
    "training.precision=bfloat16", "training.score_at_end=[test]", "sampling.validation=9", "sampling.test=19",
    "sampling.strategy=random", "dataset.max_tokens=5",
]  # fmt: skip
"""What is of the data set through its corpus, and what is of sampling through the draw."""

IRRELEVANT = [
    "output=elsewhere", "name=other", "device=cpu", "force=true", "training.group_size=1",
    "training.checkpoint_minutes=1",
    "training.deterministic=true", "note=words", "metric=test/macro_f1", "tracking.experiment=other", "only=[0]",
    "arms={one: [], two: [encoder=pool]}", "replicates=2", "sizes=[6,12]",
]  # fmt: skip


@pytest.fixture
def single(planned):
    """The fingerprint of the first replicate of one arm at one size."""

    def made(*more):
        return planned("sizes=[6]", "replicates=1", "~arms", *more).planned[0].cell.cell

    return made


HELD_OUT = "dataset.held_out={test: 0.2, validation: 0.1}"


def test_it_changes_with_what_is_held_out_of_all_replicates(single):
    assert len({single(), single(HELD_OUT), single(HELD_OUT, "dataset.split_seed=1")}) == 3


def test_the_window_of_a_tagger_counts_where_a_sentence_is_longer():
    task = Tagging(window=10)
    arms = [SimpleNamespace(embedding=Random(), encoder=encoder, task=task, training=Training())
            for encoder in (CNN(), Probe())]  # fmt: skip
    trained, fitted = ([arm_parts(arm, longest) for longest in (0, 10, 11)] for arm in arms)
    assert trained[0] == trained[1] != trained[2]
    assert fitted[0] == fitted[1] == fitted[2]
    arms[0].task = Tagging()
    assert arm_parts(arms[0], 1000) == trained[0]


def prints(plan):
    return [p.cell.cell for p in plan.planned if p.cell.replicate == 0 and p.arm.choices["encoder"] == "cnn"]


@pytest.mark.slow
@pytest.mark.parametrize("setting", DETERMINES)
def test_it_changes_with(single, setting):
    assert single(setting) != single()


def test_it_changes_with_how_gradients_are_clipped(single):
    assert single("training.clip_norm=1.0", "training.clip_by=weight") != single("training.clip_norm=1.0")


def test_keys_that_came_later_are_left_out_at_their_neutral_values(single):
    assert single("task.label_smoothing=0.0") == single("training.min_steps=0") == single()
    assert single("training.min_steps=9") != single()
    assert "label_smoothing" not in described(Classification())
    assert described(Classification(label_smoothing=0.1))["label_smoothing"] == 0.1


@pytest.mark.slow
@pytest.mark.parametrize("setting", IRRELEVANT)
def test_it_does_not_change_with(single, setting):
    assert single(setting) == single()


def test_it_does_not_change_where_seeds_are_crossed(single):
    assert single("seeds=crossed", "initialisations=2") == single()


def test_cells_trained_before_seeds_could_be_crossed_are_still_found(planned):
    """Computed before there were ``seeds=crossed``: a change here means that every store trains again."""
    first, second = planned("sizes=[6]", HELD_OUT).planned[:2]
    assert first.cell.cell == "ef380631e18f1e9828f5775db95b7eaa14a28b770ddfb3790f2105a6355cd937"
    assert second.cell.cell == "734d9cc503b85f9323aebfb9701a0b8ff6943672d65d94ab4220a8953bdbe154"


def test_it_does_not_change_with_the_place_of_the_data(planned, reviews, tmp_path):
    moved = shutil.copy(reviews, tmp_path / "reviews.csv")
    assert prints(planned(f"dataset.files.train={moved}")) == prints(planned())


def test_it_changes_with_the_content_of_the_data(planned, reviews, tmp_path):
    other = tmp_path / "reviews.csv"
    other.write_text(reviews.read_text(encoding="utf-8").replace("film", "movie"), encoding="utf-8")
    assert not set(prints(planned(f"dataset.files.train={other}"))) & set(prints(planned()))


def vectors(file, first="0.1"):
    lines = [f"{word} {first} {n} 0.5" for n, word in enumerate(["the", "a", "film", "plot", "good", "bad"])]
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [f"embedding.path={file}", "embedding=glove", "embedding.dim=3"]


def test_it_goes_with_the_content_of_a_vector_file_and_not_with_its_place(planned, tmp_path):
    here = planned(*vectors(tmp_path / "a" / "v.txt"))
    there = planned(*vectors(tmp_path / "b" / "w.txt"))
    other = planned(*vectors(tmp_path / "c" / "v.txt", first="0.2"))
    assert prints(here) == prints(there)
    assert not set(prints(here)) & set(prints(other))


def test_it_changes_with_each_seed_and_draw(planned):
    one, other = planned().planned[:2]
    parts = arm_parts(one.arm)
    same = fingerprint(parts, one.corpus, one.draw, 0)
    assert same == one.cell.cell
    assert fingerprint(parts, one.corpus, one.draw, 1) != same
    assert fingerprint(parts, one.corpus, other.draw, 0) != same


def test_arms_with_equal_settings_have_equal_cells_under_their_own_names(planned):
    plan = planned("arms={one: [], same: [encoder.filters=4], other: [encoder.filters=5]}")
    by_arm = {}
    for p in plan.planned:
        by_arm.setdefault(p.cell.arm, []).append(p.cell.cell)
    assert by_arm["one"] == by_arm["same"]
    assert not set(by_arm["one"]) & set(by_arm["other"])


def test_a_cell_says_everything_that_people_ask_for(planned):
    cell = planned().planned[0].cell
    assert {field.name for field in dataclasses.fields(Cell)} == set(dataclasses.asdict(cell))
    assert (cell.arm, cell.dataset, cell.embedding, cell.encoder, cell.task) == (
        "cnn", "csv", "random", "cnn", "classification",
    )  # fmt: skip
    assert cell.settings["encoder.filters"] == "4"
    assert cell.settings["examples.train"] == "6"
