import pytest
from tests.report.searches import cells_of, make_trials

from seedbed.comparison.record import settings_of
from seedbed.config.study import study
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.report import report_of
from seedbed.studies.best_experiments import write_all_best, write_best

KEYS = ("training.learning_rate", "training.batch_size")


def analysed(checked, arms, sizes=(50, 200), **context):
    trials = make_trials(arms, sizes, replicates=2, budget=3)
    trials = trials.rename(columns={"encoder.filters": "training.batch_size"})
    trials = trials.drop(columns=["encoder.dropout", "training.optimizer"])
    spaces = {arm: {KEYS[0]: "log(1e-4, 0.1)", KEYS[1]: "int(16, 256)"} for arm in arms}
    tuning = Tuning(trials, spaces, "random", 3, "validation/accuracy")
    inputs = ReportInputs({"Settings": checked.composed, **context}, settings=settings_of(checked), tuning=tuning)
    return report_of(cells_of(trials), inputs=inputs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("quickstart", []),
        ("twitter_ner_fewshot", ["training.epochs=7", "encoder.dropout=0.1", "sampling.validation=40", "seed=3"]),
        ("imdb_elmo_200", ["protocol=corrected"]),
        ("twitter_ner_elmo", []),
    ],
)
def test_the_best_settings_of_a_study_run_as_an_experiment(tmp_path, name, overrides):
    checked = study([f"experiment={name}", *overrides], in_sweep=True)
    arms, size = tuple(arm.name for arm in checked.arms), (checked.keys.sizes or [200])[-1]
    # Settings of training are read by encoders that are trained in steps.
    searched = tuple(arm.name for arm in checked.arms if arm.choices["encoder"] not in ("probe", "knn"))
    files = write_best(analysed(checked, searched, (size,)), tmp_path)
    assert files == (f"experiment/best_{size}.yaml",)
    best = study([f"experiment=best_{size}"], str(tmp_path), in_sweep=True)
    assert [arm.name for arm in best.arms] == list(arms)
    found, before = settings_of(best), settings_of(checked)
    for arm in arms:
        changed = {key for key in {*found[arm], *before[arm]} if found[arm].get(key) != before[arm].get(key)}
        assert changed == (set(KEYS) if arm in searched else set()), (arm, changed)
    assert best.keys.sizes == (checked.keys.sizes and [size])
    assert (best.keys.replicates, best.keys.seed) == (checked.keys.replicates, checked.keys.seed)
    assert best.keys.name == f"{checked.keys.name}_best_{size}"
    assert best.keys.baseline == checked.keys.baseline
    assert best.keys.published is None  # those are of other settings


@pytest.mark.slow
def test_the_values_are_those_of_the_report(tmp_path):
    from seedbed.report.analysis.best_settings import best_settings

    checked = study(["experiment=quickstart"])
    analysis = analysed(checked, ("glove_cnn",))
    write_best(analysis, tmp_path)
    best = study(["experiment=best_50"], str(tmp_path))
    (cnn,) = [arm for arm in best.arms if arm.name == "glove_cnn"]
    (expected,) = [found for found in best_settings(analysis.inputs.tuning) if found.n_train == 50]
    values = {setting.key: setting.value for setting in expected.settings}
    assert cnn.training.learning_rate == float(values["training.learning_rate"])
    assert cnn.training.batch_size == int(values["training.batch_size"])


@pytest.mark.slow
def test_a_single_arm_is_an_experiment_too(tmp_path):
    checked = study(
        ["dataset=trec", "task=classification", "sampling=fewshot", "encoder=cnn", "sizes=[200]", "arm=one"]
    )
    write_best(analysed(checked, ("one",), (200,)), tmp_path)
    best = study(["experiment=best_200"], str(tmp_path))
    assert [arm.name for arm in best.arms] == ["one"]
    assert best.arms[0].dataset.name == "trec"


def test_where_the_study_cannot_be_composed_it_is_said(tmp_path):
    checked = study(["experiment=quickstart"])
    analysis = analysed(checked, ("glove_cnn",))
    settings = {arm: {**values, "dataset": "mine"} for arm, values in analysis.inputs.settings.items()}
    object.__setattr__(analysis.inputs, "settings", settings)
    lines = []
    assert write_all_best(analysis, tmp_path, lines.append) == []
    assert len(lines) == 1
    assert lines[0].startswith("no experiment files of the best settings: ")
    assert "mine" in lines[0]


def test_without_a_search_nothing_is_written(tmp_path):
    assert write_best(report_of(cells_of(make_trials())), tmp_path) == ()
    assert list(tmp_path.iterdir()) == []
