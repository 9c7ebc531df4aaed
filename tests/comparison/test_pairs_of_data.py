"""Draws are known by ids alone, and files of equal length have equal ids: only the same data may be paired."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.comparison.floor import compute, floor_table, missing_floors
from seedbed.comparison.items import items_of
from seedbed.comparison.plan import plan
from seedbed.comparison.record import identity
from seedbed.config.study import study
from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Sampling, draw
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.item_texts import read_items
from seedbed.report.report import report_of

REPLICATES = 6
EXAMPLES = st.lists(
    st.tuples(st.lists(st.sampled_from(["good", "bad", "dull"]), min_size=1, max_size=3), st.sampled_from("xy")),
    min_size=6, max_size=6,
)  # fmt: skip
TRANSFORMED = {
    "lower case": lambda text: text.lower(),
    "other blanks": lambda text: text.replace(" ", "\t"),
    "spaced punctuation": lambda text: text.replace(",", " , "),
}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path_factory.mktemp("cache")))


def corpus_of(rows, case=str):
    examples = [Example(f"all/{n}", tuple(map(case, words)), label) for n, (words, label) in enumerate(rows)]
    return Corpus("csv", "classification", {"train": tuple(examples[:3]), "test": tuple(examples[3:])}, ("x", "y"))


@given(EXAMPLES, EXAMPLES)
@settings(max_examples=30)
def test_two_corpora_with_equal_ids_are_paired_only_if_they_hold_the_same(ours, theirs):
    rows = []
    for arm, corpus in (("a", corpus_of(ours)), ("b", corpus_of(theirs, str.upper))):
        for replicate in range(REPLICATES):
            own = draw(corpus, Sampling("random", 0, 2), 2, replicate, replicate)
            named = {"arm": arm, "dataset": "csv", "n_train": 2, "replicate": replicate, "draw": own.digest}
            rows.append(named | {"data": corpus.data, "test/accuracy": 0.5 + 0.01 * replicate * (arm == "a")})
    table = pd.DataFrame(rows)
    found = report_of(table)
    if ours == theirs:
        assert list(found.comparisons["pairs"]) == [REPLICATES] * len(found.comparisons) != []
    else:
        assert list(table["draw"][:REPLICATES]) == list(table["draw"][REPLICATES:])
        assert [len(one.comparisons) for one in found.studies.values()] == [0, 0]


def two_files(folder, write):
    rows = [("good, film", "x"), ("Bad, film", "y")] * 20
    for name in ("ours", "theirs"):
        lines = "".join(f'"{write(text, name)} {n}",{label}\n' for n, (text, label) in enumerate(rows))
        (folder / f"{name}.csv").write_text("text,label\n" + lines)
    own = "arms={ours: [dataset.files.train=ours.csv], theirs: [dataset.files.train=theirs.csv]}"
    return plan(study([
        "dataset=csv", f"dataset.path={folder}", "task=classification", "embedding=random", "encoder=pool",
        "sampling=fewshot", "sampling.validation=2", "sampling.test=4", "sizes=[8]", f"replicates={REPLICATES}", own,
    ]))  # fmt: skip


def table_of(made):
    cells = [identity(planned) | {"status": "finished"} for planned in made.planned]
    return pd.DataFrame(cells).assign(**{"test/accuracy": [0.5 + 0.01 * n for n in range(len(cells))]})


def test_unrelated_files_have_equal_draws_and_share_neither_pairs_nor_floors_nor_texts(tmp_path):
    made = two_files(tmp_path, lambda text, name: text if name == "ours" else "so and so")
    table = table_of(made)
    assert table["draw"].nunique() == REPLICATES
    assert table["data"].nunique() == 2
    floors = floor_table(made.planned, compute(missing_floors(made.planned, {})))
    items = read_items(items_of(made.planned), "items")
    found = report_of(table, inputs=ReportInputs(floor=floors, items=items))
    assert set(found.studies) == {"csv (ours)", "csv (theirs)"}
    by_data = floors[floors["floor"] == "tfidf"].groupby("data")["test/accuracy"].mean()
    for arm, one in zip(("ours", "theirs"), found.studies.values(), strict=True):
        assert one.arms == (arm,)
        (best,) = {against.series.floor: against.series.mean for against in one.floor.against}.items()
        assert best[1] >= by_data[table["data"][table["arm"] == arm].iloc[0]] - 1e-12
        assert one.inputs.items.contested == frozenset()
        text = one.inputs.items.text("csv", table["draw"][0], made.planned[0].draw.test[0])
        assert ("so" in text.tokens) == (arm == "theirs")


@pytest.mark.parametrize("change", TRANSFORMED)
def test_one_data_set_read_in_several_ways_is_paired(tmp_path, change):
    made = two_files(tmp_path, lambda text, name: text if name == "ours" else TRANSFORMED[change](text))
    table = table_of(made)
    table["cell"] += table["arm"]  # arms that differ also in other settings: equal cells would be one arm
    found = report_of(table)
    assert isinstance(found, Analysis)
    assert found.comparisons["pairs"][0] == REPLICATES


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["max_tokens=2", "lowercase=true", "tokenizer=spaces", "drop_duplicates=true"])
def test_how_an_arm_reads_its_data_makes_no_other_data(tmp_path, setting):
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"Some Film {n},{'xy'[n % 2]}\n" for n in range(40)))
    made = plan(study([
        "dataset=csv", f"dataset.path={tmp_path}", "dataset.files.train=a.csv", "task=classification", "encoder=pool",
        "embedding=random", "sampling=fewshot", "sampling.validation=2", "sampling.test=4", "sizes=[8]",
        f"arms={{a: [], b: [dataset.{setting}]}}",
    ]))  # fmt: skip
    assert len({planned.cell.data for planned in made.planned}) == 1
    assert len({planned.cell.draw for planned in made.planned}) == 1


def test_a_target_that_differs_is_other_data(tmp_path):
    rows = [(["good"], "x")] * 5
    assert corpus_of([*rows, (["bad"], "x")]).data != corpus_of([*rows, (["bad"], "y")]).data
    assert corpus_of([*rows, (["bad"], "x")]).data == corpus_of([*rows, (["B.a", "d!"], "x")]).data
