"""The settings of a study below its tables: those that its arms were run with."""

from seedbed.cells import NOT_READ
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.about import about_sections

COMPOSED = {
    "name": "s",
    "arms": {"probe": ["encoder=probe"], "cnn": ["encoder=cnn"]},
    "embedding": {"_target_": "Random", "dim": 20},
    "encoder": {"_target_": "BiLSTM", "units": 128},
    "training": {"epochs": 30},
    "tune": {
        "method": "random", "budget": 3,
        "spaces": {"default": {"encoder.dropout": "uniform(0, 1)"}, "probe": {"encoder.c": "log(1, 2)"},
                   "cnn": {"encoder.filters": "int(1, 9)"}, "knn": {"encoder.k": "int(1, 5)"}},
    },
}  # fmt: skip
AS_RUN = {
    "probe": {"embedding": "glove", "encoder": "probe", "embedding.dim": "50", "encoder.c": "1",
              "training.epochs": NOT_READ, "task.labels": "null"},
    "cnn": {"embedding": "glove", "encoder": "cnn", "embedding.dim": "50", "encoder.units": "8",
            "training.epochs": "4", "task.labels": "null"},
}  # fmt: skip


def shown(composed=COMPOSED, **inputs):
    """The pairs and lines of the section Settings."""
    context = {"Data": {"train": 3}, "Settings": composed}
    (section,) = [one for one in about_sections(ReportInputs(context, **inputs), AS_RUN) if one.title == "Settings"]
    return {name: value.text for name, value in section.pairs}, [line.text for line in section.lines]


def test_settings_are_those_that_all_arms_were_run_with():
    pairs, lines = shown(as_run=AS_RUN)
    assert pairs == {
        "name": "s", "arms.probe": "encoder=probe", "arms.cnn": "encoder=cnn", "tune.method": "random",
        "tune.budget": "3", "tune.spaces.probe.encoder.c": "log(1, 2)", "tune.spaces.cnn.encoder.filters": "int(1, 9)",
        "embedding": "glove", "embedding.dim": "50", "training.epochs": "4 (not read by probe)",
    }  # fmt: skip
    assert lines == [
        "Settings of arms are those that all arms share, as they were run. The others are in the section What the "
        "arms differ in."
    ]


def test_an_encoder_without_a_space_of_its_own_has_the_default_one():
    mine = AS_RUN | {"cnn": AS_RUN["cnn"] | {"encoder": "mine"}}
    assert {key for key in shown(as_run=mine)[0] if key.startswith("tune.spaces.")} == {
        "tune.spaces.default.encoder.dropout", "tune.spaces.probe.encoder.c",
    }  # fmt: skip


def test_a_study_without_a_search_has_no_spaces():
    composed = COMPOSED | {"tune": COMPOSED["tune"] | {"method": "none"}}
    assert [key for key in shown(composed, as_run=AS_RUN)[0] if key.startswith("tune")] == ["tune.method"]


def test_the_settings_of_records_without_defaults_are_used_where_they_are_all_there_is():
    assert shown(settings=AS_RUN)[0]["embedding"] == "glove"
    assert shown()[0]["encoder.units"] == "128"
