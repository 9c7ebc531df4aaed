"""The tables of published scores: each file loads, agrees with its experiment, and a bad one is refused in one line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seedbed.config.conf_files import conf_dir
from seedbed.config.published import FOLDER, departures, published_table, table_files
from seedbed.config.study import study
from seedbed.errors import InputError
from seedbed.metrics import PRIMARY

ROOT = Path(__file__).parents[2]
NAMES = sorted(table_files())
COMPARED = [name for name in NAMES if published_table(name).command == "compare"]
LACKING = {"imdb_static_200": {"random"}}
"""Arms that a table names and its experiment lacks: the row says how they are added."""


def arms_of(table):
    return {arm for row in table.rows.values() for arm in (row.arm, row.minus) if arm}


def test_the_four_documents_and_the_public_figures_are_there():
    assert set(NAMES) == {
        "imdb_elmo_200", "imdb_static_200", "twitter_ner_bilstm", "twitter_ner_elmo", "word_senses",
        "gmb_elmo_residual", "twitter_ner_fewshot", "conll2003", "wnut16", "wnut17", "twitter_ner_full",
    }  # fmt: skip
    assert len({published_table(name).document for name in NAMES} - {""}) == 4


@pytest.mark.parametrize("name", NAMES)
def test_a_table_loads_says_where_it_is_from_and_what_metric_it_has(name):
    table = published_table(name)
    for row in table.rows.values():
        split, _, score = (row.metric or table.metric).partition("/")
        assert split in ("test", "validation", "train")
        assert score in PRIMARY.values()
        assert np.isfinite(row.figures.mean)
        assert 0 <= row.figures.mean <= 100
    if table.dataset:
        assert (conf_dir() / "dataset" / f"{table.dataset}.yaml").is_file()
    assert (conf_dir() / FOLDER / f"{name}.yaml").read_text("utf-8").isascii()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPARED)
def test_an_experiment_names_its_table_and_has_its_arms_data_and_protocols(name):
    table = published_table(name)
    checked = study(table.settings)
    assert checked.keys.published == name
    assert checked.published == table
    assert arms_of(table) - {arm.name for arm in checked.arms} == LACKING.get(name, set())
    assert {arm.choices["dataset"] for arm in checked.arms} == {table.dataset}
    assert set(table.differences) <= {"always", *checked.keys.protocols}
    if checked.keys.sizes:
        assert table.n_train in (None, *checked.keys.sizes)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in COMPARED if published_table(name).rows])
def test_the_experiment_as_it_is_departs_in_nothing_from_rows_of_its_own_vectors(name):
    table = published_table(name)
    found = departures(table, study(table.settings).arms)
    other = {"imdb_static_200": {"plain Keras, GloVe 50-d", "plain Keras, GloVe minus random"}}
    assert set(found) <= other.get(name, set())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in COMPARED if published_table(name).stand_in])
def test_what_stands_in_composes(name):
    table = published_table(name)
    assert study([*table.settings, *table.stand_in]).arms


def test_other_vectors_than_the_published_ones_are_departures():
    table = published_table("imdb_elmo_200")
    arms = study([*table.settings, *table.stand_in]).arms
    found = departures(table, arms)
    assert found["MUSE"] == ["embedding.parts.static.name is glove, published with muse"]
    assert len(found["MUSE and ELMo"]) == 2
    static = published_table("imdb_static_200")
    found = departures(static, study([*static.settings, "embedding=glove"]).arms)
    assert set(found) == {"notebook, MUSE"}


def test_the_published_list_is_the_same_in_both_tables_and_in_the_docs():
    both, static = published_table("imdb_elmo_200"), published_table("imdb_static_200")
    assert static.rows["notebook, MUSE"].values == both.rows["MUSE"].values
    shown = pd.read_csv(ROOT / "docs/published/imdb_elmo_200.csv")
    for arm, label in (("basic", "MUSE"), ("elmo", "MUSE and ELMo")):
        values = shown[shown["arm"] == arm].sort_values("replicate")["test/accuracy"]
        assert (100 * values).round(10).tolist() == both.rows[label].values


def test_the_sums_of_the_twenty_accuracies_are_those_that_the_document_gives():
    table = published_table("imdb_elmo_200").all_rows
    of, baseline = np.array(table["MUSE and ELMo"].values), np.array(table["MUSE"].values)
    assert (round(baseline.mean(), 1), round(baseline.std(ddof=1), 1)) == (65.2, 10.6)
    assert (round(of.mean(), 2), round(of.std(ddof=1), 1)) == (75.62, 1.6)
    difference = table["MUSE and ELMo minus MUSE"]
    assert difference.values == pytest.approx(of - baseline)
    assert (difference.arm, difference.minus) == ("muse_elmo", "muse")
    assert difference.figures.mean == pytest.approx(10.42)
    assert np.median(difference.values) == pytest.approx(5.4)


def test_published_is_a_plain_key_of_the_command_line_and_no_group():
    assert study(["published=imdb_elmo_200"], single=True).published.title
    assert study(["experiment=imdb_elmo_200", "published=null"]).published is None
    with pytest.raises(InputError, match=r"published=imdb_elmo: no file conf/.*; did you mean imdb_elmo_200"):
        study(["published=imdb_elmo"], single=True)


GOOD = "title: t\nsource: s\nprotocol: p\nmetric: test/f1\nrows:\n  one: {mean: 1.0, sd: 0.5, seeds: 3}\n"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("title: t\n", ""), "title: is missing"),
        (("source: s", "sauce: s"), "no such key; did you mean published_numbers.source"),
        (("mean: 1.0", "men: 1.0"), r"rows.one.men .*no such key; did you mean .*rows.one.mean"),
        (("mean: 1.0", "mean: high"), r"rows.one.mean=high .*must be of type float or null"),
        (("sd: 0.5", "sd: -1"), "rows.one.sd=-1.0: must be at least 0"),
        (("seeds: 3", "seeds: 0"), "rows.one.seeds=0: must be at least 1"),
        (("seeds: 3", "seeds: 1"), "one seed has none"),
        (("mean: 1.0", "values: [1, 2]"), "values have an sd and a number of their own"),
        (("mean: 1.0, sd: 0.5, seeds: 3", "values: [.nan]"), "must be a finite number"),
        (("mean: 1.0, ", ""), "give values, or else mean"),
        (("mean: 1.0", "minus: a, mean: 1.0"), "needs an arm"),
        (("metric: test/f1\n", ""), "rows.one.metric: is missing"),
        (("{mean: 1.0, sd: 0.5, seeds: 3}", "5"), "rows.one: must have keys such as mean"),
        (("rows:\n  one: {mean: 1.0, sd: 0.5, seeds: 3}\n", ""), "note: is missing"),
        (("title: t\n", "title: t\nunit: points\n"), "unit=points: must be one of percent, fraction"),
        (("title: t\n", "title: t\npaired: [one, two]\n"), "must name two rows"),
        (("title: t\n", "title: ${nothing}\n"), "nothing"),
        ((GOOD, "- a\n"), "must have keys"),
        ((GOOD, "title: [\n"), r"mine\.yaml:1: a bracket is not closed"),
        ((GOOD, "title: a\ntitle: b\n"), r"mine\.yaml:2: the key title appears twice, first on line 1"),
    ],
)  # fmt: skip
def test_a_bad_table_is_refused_in_one_line_that_names_its_file(tmp_path, changed, said):
    (tmp_path / FOLDER).mkdir()
    file = tmp_path / FOLDER / "mine.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert published_table("mine", str(tmp_path)).rows["one"].sd == 0.5
    file.write_text(GOOD.replace(*changed), encoding="utf-8")
    with pytest.raises(InputError, match=said) as error:
        published_table("mine", str(tmp_path))
    assert len(str(error.value).splitlines()) == 1
    assert "mine.yaml" in str(error.value)


def test_ones_own_table_comes_before_that_of_seedbed(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "wnut17.yaml").write_text(GOOD, encoding="utf-8")
    assert published_table("wnut17", str(tmp_path)).title == "t"
    assert published_table("wnut17").title != "t"
