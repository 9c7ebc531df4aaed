"""Settings that cannot be, or that would do nothing, are refused by name."""

import pytest

from seedbed.errors import InputError
from seedbed.training.settings import Training


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"optimizer": "adagrad"}, "training.optimizer=adagrad: choose adam, adamw, sgd"),
        ({"learning_rate": 0.0}, "training.learning_rate=0.0"),
        ({"epochs": 0}, "training.epochs=0"),
        ({"decay": -1.0}, "training.decay=-1.0: must be at least 0"),
        ({"schedule": "inverse_time"}, "training.schedule=inverse_time needs a decay"),
        ({"schedule": "exponential", "decay": 1.5}, "training.decay=1.5"),
        ({"schedule": "warmup"}, "training.warmup_steps=0"),
        ({"schedule": "plateau", "decay": 1.0}, "training.decay=1.0: training.schedule=plateau needs a factor"),
        (
            {"schedule": "plateau", "decay": 0.5, "patience": None, "keep": "last", "score_each_epoch": []},
            "training.schedule=plateau: needs validation",
        ),
        (
            {"schedule": "warmup", "warmup_steps": 9, "max_tokens": 99},
            "training.max_tokens=99: training.schedule=warmup",
        ),
        ({"clip_value": 1.0, "clip_norm": 2.0}, "training.clip_value=1.0: training.clip_norm=2.0 limits the same"),
        ({"clip_value": 0.0}, "training.clip_value=0.0: must be above 0"),
        ({"word_dropout": 1.0}, "training.word_dropout=1.0: a dropout rate is at least 0 and below 1"),
        ({"ema_decay": 1.0}, "training.ema_decay=1.0: must be between 0 and 1"),
        ({"schedule_epochs": 0}, "training.schedule_epochs=0: must be at least 1"),
        ({"sparse_updates": True, "accumulate": 2}, "training.sparse_updates=true: training.accumulate=2 changes all"),
        ({"sparse_updates": True, "ema_decay": 0.9}, "training.sparse_updates=true: training.ema_decay=0.9 changes"),
        ({"sparse_updates": True, "optimizer": "adamw"}, "training.sparse_updates=true: training.optimizer=adamw"),
        ({"accumulate": 0}, "training.accumulate=0: must be at least 1"),
        ({"max_tokens": 0}, "training.max_tokens=0: must be at least 1"),
        ({"plateau_patience": 0}, "training.plateau_patience=0: must be at least 1"),
        ({"weight_decay": 0.3}, "training.weight_decay=0.3: only training.optimizer=adamw reads it"),
        ({"momentum": 0.9}, "training.momentum=0.9: only training.optimizer=sgd reads it"),
        ({"score_each_epoch": ["train"]}, "without validation no epoch is the best"),
        ({"score_at_end": ["dev"]}, "unknown split dev"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, said):
    with pytest.raises(InputError) as refused:
        Training(**settings)
    assert said in str(refused.value)


def test_the_last_weights_need_no_validation():
    assert Training(patience=None, keep="last", score_each_epoch=[]).keep == "last"
