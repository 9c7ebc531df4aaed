"""Bad input: one line that says what and where, exit code 2, no traceback, nothing half-written."""

from pathlib import Path

import pytest

CSV = ["dataset=csv", "task=classification", "encoder=cnn", "training.epochs=1"]
CONLL = ["dataset=conll", "training.epochs=1"]


def csv(tmp_path, text, encoding="utf-8"):
    (tmp_path / "mine.csv").write_bytes(text.encode(encoding))
    return ["compare", *CSV, "dataset.files.train=mine.csv"]


def conll(tmp_path, text):
    (tmp_path / "mine.conll").write_text(text, encoding="utf-8")
    return ["compare", *CONLL, "dataset.files.train=mine.conll"]


def test_a_missing_file(refused):
    assert "nowhere.csv" in refused("compare", *CSV, "dataset.files.train=nowhere.csv")


def test_no_file_at_all(refused):
    assert "dataset.files" in refused("compare", *CSV)


def test_a_folder_in_the_place_of_a_file(refused, tmp_path):
    (tmp_path / "mine.csv").mkdir()
    assert "mine.csv" in refused("compare", *CSV, "dataset.files.train=mine.csv")


def test_an_empty_file(refused, tmp_path):
    assert "mine.csv" in refused(*csv(tmp_path, ""))


def test_a_wrong_encoding(refused, tmp_path):
    line = refused(*csv(tmp_path, "text,label\ngood,pos\nschön,neg\n", "latin-1"))
    assert "mine.csv:3" in line
    assert "utf-8" in line


def test_a_column_that_is_not_there(refused, tmp_path):
    assert "review" in refused(*csv(tmp_path, "text,label\ngood,pos\n"), "dataset.reader.text_column=review")


@pytest.mark.parametrize("command", ["compare", "run"])
def test_a_line_with_too_few_columns(refused, tmp_path, command):
    words = conll(tmp_path, "Ann B-PER\nlikes\nRome B-LOC\n")
    assert "mine.conll:2" in refused(command, *words[1:])


def test_an_unknown_tag_prefix(refused, tmp_path):
    line = refused(*conll(tmp_path, "Ann B-PER\nlikes Q-X\nRome B-LOC\n"), "dataset.reader.scheme=iob2")
    assert "mine.conll:2" in line
    assert "Q-X" in line


def test_a_set_with_one_class(refused, tmp_path):
    rows = "\n".join(f"good {n},pos" for n in range(20))
    assert "one class" in refused(*csv(tmp_path, f"text,label\n{rows}\n"))


def test_vectors_of_another_width(refused, tmp_path, own_csv):
    (tmp_path / "v.txt").write_text("the 0.1 0.2\nfilm 0.3 0.4\n", encoding="utf-8")
    words = ["embedding=fasttext", "embedding.path=v.txt", "embedding.dim=3"]
    line = refused("run", *[word for word in own_csv if not word.startswith("embedding")], *words)
    assert "v.txt" in line
    assert "2" in line
    assert "3" in line


def test_vectors_with_a_bad_line(refused, tmp_path, own_csv):
    (tmp_path / "v.txt").write_text("the 0.1 0.2\nfilm 0.3 x\n", encoding="utf-8")
    words = ["embedding=fasttext", "embedding.path=v.txt", "embedding.dim=2"]
    assert "v.txt:2" in refused("run", *[word for word in own_csv if not word.startswith("embedding")], *words)


def test_an_output_folder_that_cannot_be_written(refused, tmp_path, own_csv):
    (tmp_path / "file").touch()
    assert "output=" in refused("compare", *own_csv, "sizes=[10]", "output=file/below")


def test_an_output_folder_with_a_name_of_5000_characters(refused, own_csv):
    line = refused("compare", *own_csv, "sizes=[10]", f"output={'a' * 5_000}")
    assert "cannot be written: File name too long" in line
    assert len(line) < 400


def test_a_store_that_does_not_answer(refused, own_csv):
    line = refused("compare", *own_csv, "sizes=[10]", "tracking.uri=http://me:Zq9secret@127.0.0.1:9", code=75)
    assert line == "seedbed: tracking store http://***@127.0.0.1:9: does not answer"


def test_a_store_that_is_no_store(refused, tmp_path, own_csv):
    (tmp_path / "no.db").write_text("not a database, though long enough to look at" * 50, encoding="utf-8")
    assert "no.db" in refused("run", *own_csv, "sizes=[10]", "tracking.uri=sqlite:///no.db")


def test_more_examples_than_there_are(refused, own_csv):
    assert "sizes=[500]: csv has 160 rows, and a draw needs 530" in refused("compare", *own_csv, "sizes=[500]")


def test_a_table_that_is_none(refused, tmp_path):
    assert "nowhere.csv" in refused("report", "from=nowhere.csv")
    (tmp_path / "mine.csv").write_text("arm,replicate\na,0\n", encoding="utf-8")
    assert "n_train" in refused("report", "from=mine.csv")


def test_a_report_where_nothing_was_run_makes_no_store(refused):
    assert "mlflow.db: no such store" in refused("report")


def test_a_sweep_is_checked_before_it_is_launched(refused, own_csv):
    assert "encoder=poool" in refused("run", "-m", *own_csv, "sizes=[10]", "encoder=cnn,poool")
    assert "the basic launcher has no n_jobs" in refused("run", "-m", *own_csv, "seed=1,2", "hydra.launcher.n_jobs=2")
    assert "only training.schedule=warmup" in refused("run", "-m", *own_csv, "seed=1,2", "training.warmup_steps=2")
    assert "no folder sweeps/ in ." in refused("run", "--config-dir", ".", "+sweeps=nope")
    root = str(Path(__file__).parents[2])
    line = refused("run", "--config-dir", root, "+sweeps=learning_curv")
    assert "sweeps=learning_curv: no file sweeps/learning_curv.yaml; did you mean sweeps=learning_curve?" in line


@pytest.mark.parametrize("key", ["output", "hydra.sweep.dir"])
def test_a_folder_of_a_sweep_that_cannot_be_written_is_refused_before_there_is_a_store(refused, tmp_path, own_csv, key):
    (tmp_path / "file").touch()
    line = refused("run", "-m", *own_csv, "sizes=[10]", "seed=1,2", f"{key}=file/below")
    assert f"{key}={tmp_path}/file/below: cannot be written: {tmp_path}/file is not a folder" in line


def test_a_comparison_is_no_sweep(refused):
    root = str(Path(__file__).parents[2])
    assert "use `seedbed run` for a sweep" in refused("compare", "--config-dir", root, "+sweeps=learning_curve")


@pytest.mark.parametrize(
    "words", [["dataset.labels={neg: bad, pos: 1.0}"], ["dataset.labels.neg=bad", "dataset.labels.pos=1.0"]]
)
def test_labels_are_renamed_from_the_command_line(seedbed, reviews, words):
    own = [
        f"dataset.files.train={reviews}",
        "dataset.reader.text_column=review",
        "dataset.reader.label_column=sentiment",
    ]
    said = seedbed("data", "show", "csv", *own, *words)
    assert said.code == 0
    assert "  2 labels: 1.0 bad" in said.out
    said = seedbed("data", "show", "csv", *own, *words, "~dataset.labels.pos")
    assert "unknown label 'pos'" in said.err
