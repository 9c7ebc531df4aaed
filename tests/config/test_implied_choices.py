"""What follows from other choices: the task of the data set, and the training of few-shot draws."""

import pytest

from seedbed.config.study import study
from seedbed.errors import InputError


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        (["dataset=csv", "dataset.path=mine.csv"], ["classification"]),
        (["dataset=trec"], ["classification"]),
        (["dataset=conll", "dataset.path=mine.conll"], ["tagging"]),
        ([], ["tagging"]),
        (["arms={a: [dataset=trec], b: [dataset=sst2]}"], ["classification", "classification"]),
        (["dataset=trec", "task.hidden=5"], ["classification"]),
    ],
)
def test_the_task_is_taken_from_the_data_set(settings, kinds):
    assert [arm.task.kind for arm in study(settings).arms] == kinds


def test_a_task_that_is_chosen_is_kept_and_refused_where_it_does_not_fit():
    with pytest.raises(InputError, match="task=tagging does not fit dataset=trec"):
        study(["dataset=trec", "task=tagging"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        (["sampling=fewshot"], "fewshot"),
        (["sampling=fewshot", "training.patience=7"], "fewshot"),
        (["sampling=fewshot", "training=default"], "default"),
        (["sampling=full"], "default"),
        (["experiment=quickstart"], "default"),
        (["experiment=gmb_elmo_residual", "protocol=fewshot"], "default"),
        (["experiment=quickstart", "training=fewshot"], "fewshot"),
    ],
)
def test_few_shot_draws_are_trained_by_their_own_settings_unless_others_are_chosen(settings, chosen):
    training = study(settings).arms[0].training
    assert training.min_steps == (200 if chosen == "fewshot" else 0)
    if settings[-1] == "training.patience=7":
        assert (training.patience, training.learning_rate) == (7, 0.005)
