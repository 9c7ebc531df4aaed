"""Bad input of a search: refused in one line before anything is read or written."""

import pytest

CSV = ["compare", "dataset=csv", "dataset.files.train=nowhere.csv", "task=classification", "encoder=cnn",
       "sampling.validation=10"]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), [
    (["tune=random", "tune.space={encoder.dropuot: uniform(0, 0.5)}"], "encoder.dropuot: no arm has such a key"),
    (["tune=random", "tune.spaces.cnnn.encoder.dropout=uniform(0,0.5)"], "did you mean tune.spaces.cnn?"),
    (["tune=random", "tune.spaces.cnn.encoder.droput=uniform(0,0.5)"], "did you mean encoder.dropout?"),
    (["tune=tpe", "tune.budget=1"], "tune.budget=1: must be at least 2"),
    (["tune=bayes"], "tune=bayes"),
    (["tune.budget=8"], "has no effect with tune=none"),
    (["tune=random", "tune.metric=test/accuracy"], "a trial is chosen on validation; use validation/accuracy"),
    (["tune=grid", "tune.budget=3"], "use tune.budget="),
    (["tune=random", "tune.refit=true", "training.schedule=plateau", "training.decay=0.5"],
     "training.schedule=plateau reads the validation examples, and a refit trains on them; use tune.refit=false"),
])  # fmt: skip
def test_a_search_that_cannot_be_run(refused, words, said):
    assert said in refused(*CSV, *words)
