"""The error viewer of a study: made by ``compare``, and again from the store, where the data set is not read."""

import csv
import random
import re
from pathlib import Path

import pytest

EVIL = '<script>alert("x")</script>'


@pytest.fixture(scope="session")
def evil(tmp_path_factory):
    """A CSV whose texts and classes are full of markup."""
    rng = random.Random(3)
    file = tmp_path_factory.mktemp("evil") / "evil.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for n in range(400):
            words = [rng.choice([EVIL, 'quote"quote', "it's", "<b onclick=go()>", "&lt;", "plain"]) for _ in range(6)]
            words.append(rng.choice([["bad", "dull"], ["good", "fine"]][n % 2]) if rng.random() < 0.7 else "so")
            writer.writerow([" ".join(words), ("<i>neg</i>", 'p"os')[n % 2]])
    return file


@pytest.fixture(scope="session")
def studied(training, evil):
    """Two unlike arms on it, three replicates."""
    made = training(
        "compare", "dataset=csv", f"dataset.files.train={evil}", "dataset.tokenizer=spaces",
        "task=classification", "encoder=cnn", "encoder.filters=4", "embedding.dim=6", "sampling=fewshot",
        "sampling.validation=10", "sampling.test=40",
        "training.epochs=3", "arms={cnn: [], pool: [encoder=pool]}", "sizes=[10]", "replicates=3", "name=evil",
    )  # fmt: skip
    assert made.said.code == 0, made.said
    return made


@pytest.mark.slow
def test_markup_in_texts_and_classes_is_shown_as_text(studied):
    page = (studied.folder / "seedbed-out/evil/report/errors.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    for markup in ("<b onclick", "<i>neg"):
        assert markup not in page
        assert markup.replace("<", "&lt;").partition(">")[0] in page
    assert "&amp;lt;" in page


@pytest.mark.slow
def test_the_report_links_to_it(studied):
    assert 'href="errors.html"' in (studied.folder / "seedbed-out/evil/report/index.html").read_text("utf-8")


@pytest.mark.parametrize("what", ["last", "study=evil"])
def test_a_report_from_the_store_has_the_same_items_without_the_data_set(studied, in_it, evil, what, tmp_path):
    moved = evil.rename(evil.with_suffix(".away"))
    try:
        said = in_it("report", *([] if what == "last" else [what]), f"output={tmp_path}/again", "title=evil")
    finally:
        moved.rename(evil)
    assert said.code == 0, said
    again = (tmp_path / "again/report/errors.html").read_text("utf-8")
    assert again == (studied.folder / "seedbed-out/evil/report/errors.html").read_text("utf-8")


def test_what_is_kept_is_made_once(studied, in_it, monkeypatch):
    import seedbed.studies.item_texts as module

    monkeypatch.setattr(module, "items_of", lambda cells: pytest.fail("made again"))
    page = studied.folder / "seedbed-out/evil/report/errors.html"
    before = page.read_text("utf-8")
    assert in_it(*studied.words).code == 0
    assert page.read_text("utf-8") == before


def test_damaged_items_are_told_and_leave_the_report_whole(studied, in_it, tmp_path):
    (file,) = studied.folder.glob("mlartifacts/**/items.json.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    try:
        said = in_it("report", f"output={tmp_path}/again")
        assert said.code == 0, said
        assert re.search(r"not used: items.json.gz of run \w+: not a whole gzip file", said.err)
        assert "The text is not stored." in (tmp_path / "again/report/errors.html").read_text("utf-8")
        assert in_it(*studied.words).code == 0
        assert file.read_bytes() == whole  # made again
    finally:
        file.write_bytes(whole)


@pytest.mark.slow
def test_recording_is_no_other_cell_and_watched_examples_come_with_the_report(seedbed, own_conll):
    words = ("compare", *own_conll, "arms={a: [], b: [encoder.units=4]}", "replicates=2", "name=tags")
    assert seedbed(*words, "tracking.watch_examples=2").code == 0
    page = Path("seedbed-out/tags/report/errors.html").read_text("utf-8")
    assert "a, replicate 0, one epoch" in page
    assert "Seen and unseen entities" in page
    assert len(list(Path().glob("mlartifacts/**/epochs.npz"))) == 4
    assert len(list(Path().glob("mlartifacts/**/probabilities.npz"))) == 4
    assert "nothing is missing" in seedbed(*words, "tracking.probabilities=false").err


@pytest.mark.slow
def test_without_predictions_there_is_no_page(seedbed, own_csv):
    words = ("compare", *own_csv, "arms={a: [], b: [encoder=pool]}", "replicates=2", "sizes=[10]", "name=bare")
    assert seedbed(*words, "tracking.predictions=false").code == 0
    assert Path("seedbed-out/bare/report/index.html").is_file()
    assert not Path("seedbed-out/bare/report/errors.html").exists()
    assert not list(Path().glob("mlartifacts/**/items.json.gz"))


@pytest.mark.slow
def test_texts_are_shown_of_cells_that_kept_predictions_before_they_were_turned_off(seedbed, own_csv):
    words = ("compare", *own_csv, "arms={a: [], b: [encoder=pool]}", "sizes=[10]", "name=off")
    assert seedbed(*words, "replicates=2").code == 0
    assert seedbed(*words, "replicates=3", "tracking.predictions=false").code == 0
    page = Path("seedbed-out/off/report/errors.html").read_text("utf-8")
    assert "The text is not stored." not in page
    assert "film" in page


@pytest.mark.slow
def test_texts_of_the_whole_study_are_kept_after_a_part_of_it(seedbed, own_csv):
    words = ("compare", *own_csv, "arms={a: [], b: [encoder=pool]}", "replicates=2", "sizes=[10]", "name=part")
    for only in ("[0]", "[1]"):
        assert seedbed(*words, f"only={only}").code == 0
    (file,) = Path().glob("mlartifacts/**/items.json.gz")
    before = file.read_bytes()
    assert seedbed("report", "study=part").code == 0
    assert "The text is not stored." not in Path("seedbed-out/part/report/errors.html").read_text("utf-8")
    assert seedbed(*words).code == 0
    assert file.read_bytes() == before


@pytest.mark.slow
def test_jobs_of_a_sweep_keep_texts_for_their_common_report(seedbed, own_csv):
    for encoder in ("cnn", "pool"):
        given = [one for one in own_csv if not one.startswith("encoder")]
        said = seedbed("run", *given, f"encoder={encoder}", "name=jobs", "replicates=2", "sizes=[10]")
        assert said.code == 0, said
    assert seedbed("report", "study=jobs").code == 0
    page = Path("seedbed-out/jobs/report/errors.html").read_text("utf-8")
    assert "The text is not stored." not in page
    assert "film" in page
