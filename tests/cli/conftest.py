"""The command line in this process, in a folder of its own, and one small study that is trained once."""

import contextlib
import importlib.util
import io
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from seedbed.cli.main import main
from seedbed.progress import counted

# MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened.
NOISE = "ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning"


def pytest_collection_modifyitems(items):
    for item in items:
        if "cli" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings(NOISE))


@pytest.fixture(autouse=True)
def no_progress_of_predict(monkeypatch):
    """What a command says on a slow machine is what it says on a fast one."""
    monkeypatch.setattr(counted, "AFTER_S", 600.0)


@dataclass(frozen=True)
class Said:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


def command(*words) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as stopped:
            code = stopped.code or 0
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def seedbed(tmp_path, monkeypatch):
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "cache" / "state"))
    return command


@pytest.fixture
def refused(seedbed):
    """Runs a command that must be refused in one line, and leave nothing behind in the folder; the line."""

    def made(*words, leaves=(), code=2):
        before = set(Path().rglob("*"))
        said = seedbed(*words)
        lines = [line for line in said.err.splitlines() if not line.startswith(("reading ", "csv: "))]
        assert said.code == code, said
        assert len(lines) == 1, said.err
        assert lines[0].startswith("seedbed: ")
        new = {str(path) for path in set(Path().rglob("*")) - before if not str(path).startswith("cache")}
        assert new <= set(leaves), new
        return lines[0]

    return made


@pytest.fixture
def in_it(studied, seedbed, monkeypatch):
    """Runs a command where the study of the module was trained: its fixture ``studied``."""
    monkeypatch.chdir(studied.folder)
    monkeypatch.setenv("SEEDBED_CACHE", str(studied.folder / "cache"))
    return seedbed


@pytest.fixture(scope="session")
def bilm_files():
    """Writes models of any architecture."""
    spec = importlib.util.spec_from_file_location("bilm_files", Path(__file__).parents[1] / "bench" / "bilm_files.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """A CSV of 160 reviews of two classes, with a column that is of no use."""
    rng = random.Random(1)
    lines = ["id,review,sentiment"]
    for n in range(160):
        words = [rng.choice(["the", "a", "film", "it", "was", "plot"]) for _ in range(8)]
        words.append(rng.choice([["bad", "dull", "poor"], ["good", "great", "fine"]][n % 2]))
        lines.append(f'{n},"{" ".join(words)}, so",{("neg", "pos")[n % 2]}')
    file = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def tags(tmp_path_factory):
    """A CoNLL file of 80 sentences of four tokens."""
    rng = random.Random(2)
    sentences = []
    for _ in range(80):
        name, place = rng.choice(["Ann", "Bob", "Cy"]), rng.choice(["Rome", "Oslo", "Bonn"])
        sentences.append(f"{name} B-PER\nlikes O\nold O\n{place} B-LOC\n")
    file = tmp_path_factory.mktemp("tags") / "tags.conll"
    file.write_text("\n".join(sentences), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def own_csv(reviews):
    return [
        "dataset=csv", f"dataset.files.train={reviews}", "dataset.reader.text_column=review",
        "dataset.reader.label_column=sentiment", "task=classification", "encoder=cnn", "encoder.filters=4",
        "embedding.dim=6", "sampling=fewshot", "sampling.validation=10", "sampling.test=20", "training.epochs=2",
    ]  # fmt: skip


def split_words_in(folder):
    """Words of a study of three replicates on reviews of two classes, which are tested on the same 40 examples."""
    rng = random.Random(1)
    lines = ["text,label"]
    for n in range(200):
        text = [rng.choice(["the", "a", "film", "it", "was", "plot"]) for _ in range(rng.randint(2, 8))]
        text.append(rng.choice([["bad", "dull", "good"], ["good", "great", "fine", "dull"]][n % 2]))
        lines.append(f"{' '.join(text)},{('neg', 'pos')[n % 2]}")
    (folder / "train.csv").write_text("\n".join(lines[:161]) + "\n", encoding="utf-8")
    (folder / "test.csv").write_text("\n".join([lines[0], *lines[161:]]) + "\n", encoding="utf-8")
    known = ["the", "a", "film", "it", "was", "plot", "bad", "dull", "good", "great", "fine"]
    vectors = [f"{word} {' '.join(f'{rng.gauss(0, 1):.4f}' for _ in range(5))}" for word in known]
    (folder / "vectors.txt").write_text("\n".join(vectors) + "\n", encoding="utf-8")
    return [
        "dataset=csv", f"dataset.files.train={folder / 'train.csv'}", f"dataset.files.test={folder / 'test.csv'}",
        "task=classification", "embedding=glove", f"embedding.path={folder / 'vectors.txt'}", "embedding.dim=5",
        "sampling=fewshot", "sampling.validation=20", "sampling.test=all", "sizes=[20]", "replicates=3", "lint=off",
        "name=mine",
    ]  # fmt: skip


@pytest.fixture
def split_words(tmp_path):
    """The words of a study with its files in the folder of the test, see `split_words_in`."""
    return split_words_in(tmp_path)


@pytest.fixture(scope="session")
def own_conll(tags):
    return [
        "dataset=conll", f"dataset.files.train={tags}", "encoder=bilstm", "encoder.units=3", "embedding.dim=6",
        "sampling=fewshot", "sampling.validation=10", "sampling.test=10", "training.epochs=1", "sizes=[10]",
    ]  # fmt: skip


@dataclass(frozen=True)
class Trained:
    """A study that was trained: where, by which words, and what was printed.

    Tests train more in ``folder``, in whatever order; ``untouched`` is a copy of it as it was.
    """

    folder: Path
    untouched: Path
    words: tuple[str, ...]
    said: Said


@pytest.fixture(scope="session")
def training(tmp_path_factory):
    """Runs a command in a new folder, for several tests to look at."""

    def made(*words):
        folder = tmp_path_factory.mktemp("trained")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("SEEDBED_CACHE", str(folder / "cache"))
            said = command(*words)
        untouched = tmp_path_factory.mktemp("untouched") / "trained"
        shutil.copytree(folder, untouched, ignore=shutil.ignore_patterns("cache"))
        return Trained(folder, untouched, words, said)

    return made


@pytest.fixture(scope="session")
def trained(training, own_csv):
    """Two arms, sizes 10 and 20, two replicates."""
    return training(
        "compare", *own_csv, "arms={cnn: [], pool: [encoder=pool]}", "name=mine", "sizes=[10,20]", "replicates=2"
    )


@pytest.fixture
def there(trained, monkeypatch):
    """Runs a command where the study was trained."""
    monkeypatch.chdir(trained.folder)
    monkeypatch.setenv("SEEDBED_CACHE", str(trained.folder / "cache"))
    return command


@pytest.fixture
def copied(trained, seedbed, tmp_path):
    """The trained study in a folder of its own, in which more may be trained."""
    for name in ("mlflow.db", "mlartifacts"):
        source = trained.untouched / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return seedbed
