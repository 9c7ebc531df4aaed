"""``seedbed reproduce``: the list, the published scores by themselves, and a study that ends with the verdict."""

from pathlib import Path

import pytest

from seedbed.cli import reproduce

EXPERIMENT = """\
# @package _global_
defaults:
  - override /dataset: csv
  - override /task: classification
  - override /encoder: cnn
  - override /sampling: fewshot
name: mine
note: An experiment of one's own.
published: mine
replicates: 3
sizes: [20]
arms: {{cnn: [], pool: [encoder=pool]}}
protocols: {{slow: [training.learning_rate=0.0001]}}
dataset:
  files: {{train: {file}}}
  reader: {{text_column: review, label_column: sentiment}}
embedding: {{dim: 6}}
sampling: {{validation: 10, test: 20}}
training: {{epochs: 2}}
"""
TABLE = """\
title: A study of one's own
document: mine
source: a test
protocol: three repeats
dataset: csv
metric: test/accuracy
n_train: 20
rows:
  theirs: {arm: cnn, mean: 0.5, sd: 0.5, seeds: 4}
  far below: {arm: pool, mean: -9, sd: 0.1, seeds: 3}
  other vectors: {arm: cnn, mean: 0.5, settings: {embedding: glove}}
  other program: {mean: 0.9, note: another model}
unit: fraction
differences: {always: [Theirs was trained on paper.], slow: [Theirs was faster.]}
command: compare
settings: [experiment=mine]
"""


@pytest.fixture
def own(reviews, tmp_path_factory):
    """A config folder with an experiment and its table of published scores."""
    folder = tmp_path_factory.mktemp("own")
    for name, content in (("experiment", EXPERIMENT.format(file=reviews)), ("published_numbers", TABLE)):
        (folder / name).mkdir()
        (folder / name / "mine.yaml").write_text(content, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_an_experiment_ends_with_the_verdict_on_each_row_that_is_comparable(seedbed, own):
    said = seedbed("reproduce", "mine", "--config-dir", own, "floor=false", "output=out", "replicates=2")
    assert said.code == 0, said.err
    whole = " ".join(said.out.split())
    assert "theirs: accuracy 50.0 (50.0) published" in whole
    assert "(cnn, two replicates): inside the published spread; difference" in whole
    assert "far below: accuracy" in whole
    assert "(pool, two replicates): above the published spread" in whole
    assert "no verdict: embedding is random, published with glove" in whole
    assert "other program" not in whole
    for file in ("index.html", "report.md"):
        text = Path("out/report", file).read_text(encoding="utf-8")
        assert "Published numbers" in text
        assert "Theirs was trained on paper." in text
        assert "Theirs was faster." not in text
        assert "other program" in text

    (own / "published_numbers/mine.yaml").unlink()
    again = seedbed("report", "output=again")
    assert "(cnn, two replicates): inside the published spread" in " ".join(again.out.split())
    again = seedbed("report", "study=mine", "output=again")
    assert "(cnn, two replicates): inside the published spread" in " ".join(again.out.split())
    other = seedbed("report", "from=out/results.csv", "published=wnut17", "output=again")
    assert "published spread" not in other.out
    assert "Flair" in Path("again/report/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_protocol_brings_its_own_differences_to_report_and_note(seedbed, own, monkeypatch):
    noted = []
    monkeypatch.setattr("seedbed.tracking.store.Store.describe", lambda self, run, note, means: noted.append(note))
    words = ("protocol=slow", "replicates=1", "~arms.pool", "floor=false", "output=out")
    assert seedbed("reproduce", "mine", "--config-dir", own, *words).code == 0
    assert "Theirs was faster." in Path("out/report/index.html").read_text(encoding="utf-8")
    assert "- Differs from what is published: Theirs was faster." in noted[0]
    assert "inside the published spread" in noted[0]


def test_it_is_compare_with_the_settings_of_the_table(seedbed, own, monkeypatch):
    given = []
    monkeypatch.setattr("seedbed.cli.compare.main", lambda words: given.append(words) or 7)
    assert seedbed("reproduce", "--config-dir", own, "mine", "seed=3").code == 7
    assert given == [["experiment=mine", "published=mine", "seed=3", "--config-dir", str(own)]]


def test_the_study_of_a_word_is_explore(seedbed, monkeypatch):
    given = []
    monkeypatch.setattr("seedbed.cli.explore.main", lambda words: given.append(words) or 0)
    assert seedbed("reproduce", "word_senses", "embedding=elmo_tiny").code == 0
    assert given == [["word=work", "embedding=elmo_tiny"]]


@pytest.mark.slow
def test_the_list_says_what_each_experiment_runs_and_needs(seedbed, own, monkeypatch):
    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    said = seedbed("reproduce", "list", "--config-dir", own)
    assert said.code == 0
    heads = {line for line in said.lines if not line.startswith(" ")}
    assert {"imdb_elmo_200", "imdb_static_200", "twitter_ner_bilstm", "twitter_ner_elmo", "mine"} <= heads
    text = said.out[said.out.index("imdb_elmo_200\n") :]
    text = text[: text.index("\nimdb_static_200")]
    assert "seedbed compare experiment=imdb_elmo_200 protocol=published" in text
    assert "muse: 1 of 1 missing; elmo/original: 2 of 2 missing" in text
    assert "2 scores, 20 single values in them" in text
    assert "seedbed reproduce imdb_elmo_200 embedding@embedding.parts.static=glove" in text
    assert "no score: The published run was interrupted" in said.out
    assert "wnut16" in said.lines[-1]
    assert not list(Path().glob("*.db"))


def test_show_prints_the_whole_statistics_of_the_twenty_accuracies(seedbed):
    said = seedbed("reproduce", "show", "imdb_elmo_200")
    for text in ("mean difference 10.42, median 5.4", "2.93 to 18.33", "5.16 to 17.82", "p = 0.00390625"):
        assert text in said.out
    assert "the notebook ran at 1e-3" in said.out
    assert "seedbed reproduce imdb_elmo_200" in said.out


def test_show_prints_every_table(seedbed):
    from seedbed.config.published import table_files

    for name in table_files():
        assert seedbed("reproduce", "show", name).code == 0


def test_where_vectors_are_missing_the_error_says_what_stands_in(seedbed, monkeypatch):
    from seedbed.errors import InputError

    def no(words):
        raise InputError("wiki.multi.en.vec: cannot be fetched")

    monkeypatch.setenv("SEEDBED_DATA", "nowhere")
    monkeypatch.setattr("seedbed.cli.compare.main", no)
    said = seedbed("reproduce", "imdb_static_200")
    assert said.code == 2
    assert said.err.splitlines()[0] == "muse: not on this machine, so downloaded where that is possible"
    assert said.err.splitlines()[1].endswith("; with other vectors: seedbed reproduce imdb_static_200 embedding=glove")
    said = seedbed("reproduce", "twitter_ner_bilstm")
    assert said.err == "seedbed: wiki.multi.en.vec: cannot be fetched\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["imdb_elmo"], "reproduce imdb_elmo: no such experiment; did you mean imdb_elmo_200?"),
        (["wnut16"], "published scores without an experiment here"),
        (["show"], "name one table"),
        (["show", "nope"], "reproduce nope: no such experiment"),
        (["list", "more"], "takes no 'more'"),
        (["imdb_static_200", "encoder=nope"], "encoder=nope: no file"),
        ([], "the following arguments are required: NAME"),
    ],
)
def test_bad_words_are_one_line(refused, words, said):
    assert said in refused("reproduce", *words)


@pytest.mark.slow
def test_a_record_that_cannot_be_read_is_one_line(seedbed, own, monkeypatch):
    assert seedbed("reproduce", "mine", "--config-dir", own, "replicates=1", "floor=false").code == 0
    from seedbed.tracking.store import Store

    read = Store.read_bytes

    def broken(self, run_id, name):
        found = read(self, run_id, name)
        return found.replace(b'"source"', b'"sauce"') if name == "study.json" else found

    monkeypatch.setattr(Store, "read_bytes", broken)
    said = seedbed("report")
    assert said.code == 2
    assert "holds no table of published numbers that can be read" in said.err


def test_the_words_are_read_wherever_the_folder_stands(own):
    first = reproduce.parse(["--config-dir", str(own), "mine", "seed=1"])
    assert first == reproduce.parse(["mine", "seed=1", "--config-dir", str(own)])
    assert (first.action, first.settings) == ("", ("seed=1",))
