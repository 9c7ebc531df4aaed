"""``seedbed pretrain``: from text to vectors, again, on, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

FAST = [
    "size=tiny", "epochs=1", "streams=4", "unroll=5", "min_count=1", "held_out=0.1", "precision=float32",
    "tracking=off", "saved_model=false",
]  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, noun in (("one", "cat"), ("two", "dog")):
        lines = [f"the {noun} sat on mat {n % 7}.\nit is {noun}.\n" for n in range(20)]
        (folder / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_model_is_trained_loaded_and_continued(seedbed, corpus):
    said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 0, said.err
    assert "held-out perplexity: forward" in said.out
    assert "ended: all epochs done" in said.out
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    assert card["train"]["documents"] + card["held_out"]["documents"] == 40
    assert card["best"]["mean"] > 1
    assert "| training |" in Path("model/README.md").read_text("utf-8")
    Path("lines.txt").write_text("the cat sat\nthe dog\n", encoding="utf-8")
    own = ["embedding=elmo_own", "embedding.options=model/options.json", "embedding.weights=model/weights.hdf5"]
    assert seedbed("embed", *own, "input=lines.txt", "output=vectors.npz").code == 0
    with np.load("vectors.npz") as file:
        assert file["layers_0"].shape == (3, 3, 64)
        assert np.isfinite(file["layers_0"]).all()
    before = Path("model/weights.hdf5").read_bytes()
    again = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert again.code == 0, again.err
    assert "reading" not in again.err
    assert Path("model/weights.hdf5").read_bytes() == before
    on = seedbed("pretrain", "from=model", "corpus=texts/two.txt", *FAST[1:], "output=further")
    assert on.code == 0, on.err
    first, second = (json.loads(Path(f"{name}/card.json").read_text("utf-8")) for name in ("model", "further"))
    assert second["recipe"]["options"] == first["recipe"]["options"]
    assert second["recipe"]["from"]
    assert second["looks"][0]["mean"] < first["looks"][0]["mean"]


@pytest.mark.slow
def test_the_training_texts_of_a_data_set_and_what_is_kept_out(seedbed, own_csv):
    own = [word for word in own_csv if word.startswith("dataset")]
    said = seedbed(
        "pretrain", *own, "dataset.held_out={test: 0.25, validation: 0.1}", "sentences=document", *FAST, "output=model"
    )
    assert said.code == 0, said.err
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    assert card["excluded"] == len(Path("model/excluded_ids.txt").read_text("utf-8").split()) == 52
    assert card["train"]["documents"] + card["held_out"]["documents"] <= 108
    assert card["train"]["sentences"] == card["train"]["documents"]


@pytest.mark.parametrize("part", ["unlabelled", "both"])
def test_the_unlabelled_part_of_a_data_set(seedbed, own_csv, part):
    own = [word for word in own_csv if word.startswith("dataset")]
    Path("more.txt").write_text("".join(f"a new film {n} it was\n" for n in range(40)), encoding="utf-8")
    said = seedbed("pretrain", *own, f"part={part}", "dataset.files.unlabelled=more.txt", *FAST, "output=model")
    assert said.code == 0, said.err
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    documents = card["train"]["documents"] + card["held_out"]["documents"]
    assert documents == 40 if part == "unlabelled" else 40 < documents <= 160 + 40 - card["excluded"]
    assert card["text"]["part"] == part
    assert card["recipe"]["corpus"] == f"csv-{part}"
    assert "unlabelled texts of the data set csv" in Path("model/README.md").read_text("utf-8")


@pytest.mark.slow
def test_a_study_is_told_of_the_test_texts_that_its_model_has_read(seedbed, reviews, own_csv):
    rows = reviews.read_text("utf-8").splitlines()[1:]
    Path("all.txt").write_text("\n".join(row.split('"')[1] for row in rows), encoding="utf-8")
    assert seedbed("pretrain", "corpus=all.txt", "documents=line", *FAST, "output=model").code == 0
    assert seedbed("pretrain", *own_csv[:4], *FAST, "output=own").code == 0
    study = [word for word in own_csv if not word.startswith(("embedding", "training"))]
    divided = "dataset.held_out={test: 0.2, validation: 0.1}"
    for model, settings, found in (("model", [divided], True), ("own", [divided], False), ("own", [], True)):
        files = [f"embedding.{key}={model}/{key}.{end}" for key, end in (("options", "json"), ("weights", "hdf5"))]
        said = seedbed("lint", *study, *settings, "embedding=elmo_own", *files, "sizes=[10]", "replicates=2")
        assert ("text-in-pretraining: csv: the model of" in said.out) == found, said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dataset=trec", "part=both"], "part=both: trec has no unlabelled part; imdb has one"),
        (["dataset=trec", "part=none"], "part=none: choose train, unlabelled, both"),
        (["corpus=texts", "part=both"], "part=both: of dataset="),
        (["corpus=texts", "exclude=['dataset=trec']"], "exclude=['dataset=trec']: of dataset="),
        (["dataset=trec", "exclude=[trec]"], "exclude=[trec]: must be dataset=NAME, or after it dataset.KEY=VALUE"),
        (["dataset=trec", "exclude=['dataset=nowhere']"], "no file conf/dataset/nowhere.yaml"),
        ([], "give one of corpus=PATH and dataset=NAME"),
        (["corpus=texts", "dataset=trec"], "give one of corpus=PATH and dataset=NAME"),
        (["corpus=nowhere"], "corpus=nowhere: there is no such file or folder"),
        (["corpus=texts", "size=huge"], "size=huge: choose tiny, small"),
        (["corpus=texts", "from=nowhere"], "from=nowhere: there is no such folder"),
        (["corpus=texts", "epochs=0"], "epochs=0: must be at least 1"),
        (["corpus=texts", "epochs=some"], "epochs=some (command line): must be of type int"),
        (["corpus=texts", "dropout=1"], "dropout=1.0: must be at least 0 and below 1"),
        (["corpus=texts", "optimizer=sgd"], "optimizer=sgd: choose adagrad, adam"),
        (["corpus=texts", "time_limit=soon"], "time_limit=soon (command line): must be of type float or null"),
        (["corpus=texts", "time_limit=0"], "time_limit=0.0: must be a number of minutes above 0"),
        (["corpus=texts", "unrol=3"], "no key unrol; did you mean unroll"),
        (["corpus=texts", "embedding=glove"], "no config group embedding (valid: dataset, experiment, tracking)"),
        (["dataset.split_seed=3"], "dataset.split_seed=3: name the data set too, such as dataset=movie_reviews"),
        (["dataset=trec", "tokenizer=spaces"], "tokenizer=spaces: of corpus="),
        (["corpus=texts", "vocabulary=5000"], "vocabulary=5000: the training text has"),
        (["corpus=empty.txt"], "the corpus has no text"),
        (["corpus=short.txt"], "the corpus has one document; at least two are needed"),
        (["corpus=binary"], "binary/x.txt:1: a byte of zero"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_in_one_line_and_leaves_nothing(refused, corpus, tmp_path, words, said):
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    (tmp_path / "short.txt").write_text("One line.\nAnother.\n", encoding="utf-8")
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary/a.txt").write_text("text\n\n" * 10, encoding="utf-8")
    (tmp_path / "binary/x.txt").write_bytes(b"\x00\x01")
    assert said in refused("pretrain", *words)


def test_a_large_vocabulary_of_which_words_are_forgotten_goes_on_too(seedbed, corpus, monkeypatch):
    from seedbed.pretraining import vocabulary

    (corpus / "three.txt").write_text("\n\n".join(f"n{n} m{n}.\nm{n} k{n // 2}." for n in range(60)), encoding="utf-8")
    monkeypatch.setattr(vocabulary, "MOST_COUNTED", 50)
    for _ in range(2):
        said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
        assert said.code == 0, said.err


def test_a_first_look_that_ctrl_c_ended_is_made_up_for(seedbed, corpus, monkeypatch):
    from seedbed.pretraining.evaluation import HeldOutText

    def stopped(self, weights):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(HeldOutText, "perplexity", stopped)
        said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 130
    assert "model:" not in said.out
    assert not Path("model/weights.hdf5").exists()
    said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 0, said.err
    assert "held-out perplexity: forward" in said.out
    assert "model:" in said.out
    assert Path("model/weights.hdf5").is_file()


def test_a_model_does_not_go_on_in_its_own_folder(refused, corpus, tmp_path):
    from seedbed.pretraining import files
    from seedbed.pretraining.initial_weights import draw_weights
    from seedbed.pretraining.sizes import SIZES

    for name in ("model", "seedbed-out/pretrain/texts"):
        files.write(tmp_path / name, SIZES["tiny"], draw_weights(SIZES["tiny"], 9, 0), "float16")
    assert "from=model: is also output=" in refused("pretrain", "from=model", "corpus=texts", "output=./model/")
    own = "seedbed-out/pretrain/texts"
    assert f"from={own}: is also output=" in refused("pretrain", f"from={own}", "corpus=texts")


def test_a_softmax_that_is_of_other_weights_begins_anew_and_it_is_said(seedbed, corpus):
    assert seedbed("pretrain", "corpus=texts", *FAST, "output=model").code == 0
    on = ["from=model", "corpus=texts", *FAST[1:]]
    said = seedbed("pretrain", *on, "output=one")
    assert "no softmax" not in said.err
    assert seedbed("pretrain", "corpus=texts", *FAST, "seed=3", "output=other").code == 0
    Path("model/weights.hdf5").write_bytes(Path("other/weights.hdf5").read_bytes())
    said = seedbed("pretrain", *on, "output=two")
    assert said.code == 0, said.err
    assert "from=model: has no softmax that was trained with its weights; a new one is initialized" in said.err


def test_the_help_has_every_key():
    from seedbed.cli.pretrain import PARSER
    from seedbed.studies.pretraining import KEYS

    text = PARSER.format_help()
    assert not [key for key in (*KEYS, "experiment", "dataset", "tracking") if f"{key}=" not in text]


def test_a_model_of_another_shape_is_refused(refused, corpus, tmp_path):
    from seedbed.pretraining import files
    from seedbed.pretraining.initial_weights import draw_weights
    from seedbed.pretraining.sizes import SIZES

    files.write(tmp_path / "model", SIZES["tiny"], draw_weights(SIZES["tiny"], 9, 0), "float16")
    assert "another shape than size=small" in refused("pretrain", "from=model", "size=small", "corpus=texts")


def test_the_model_is_written_for_tensorflow_too_with_the_same_vectors(seedbed, corpus):
    words = ["pretrain", "corpus=texts", *FAST[:-1], "output=model"]
    said = seedbed(*words)
    assert said.code == 0, said.err
    use = said.out.partition("for TensorFlow: ")[2].partition("(")[2].partition(")")[0].split()
    Path("lines.txt").write_text("the cat sat\n\nthe dog 😀 שלום " + 60 * "y" + "\n", encoding="utf-8")
    bilm = ["embedding=elmo_own", "embedding.options=model/options.json", "embedding.weights=model/weights.hdf5"]
    for name, own in (("bilm", bilm), ("hub", use)):
        assert seedbed("embed", *own, "input=lines.txt", f"output={name}.npz").code == 0
    with np.load("bilm.npz") as ours, np.load("hub.npz") as theirs:
        for layer in ours.files:
            np.testing.assert_allclose(ours[layer], theirs[layer], atol=1e-5)
    written = Path("model/saved_model/seedbed.json").stat().st_mtime_ns
    assert seedbed(*words).code == 0
    assert Path("model/saved_model/seedbed.json").stat().st_mtime_ns == written


def test_a_saved_model_that_cannot_be_is_said_before_anything_is_read(refused, corpus, bilm_files, tmp_path):
    own = ["corpus=texts", "tracking=off"]
    Path("model/saved_model").mkdir(parents=True)
    Path("model/saved_model/mine").touch()
    assert "saved_model: is there, and is no SavedModel" in refused("pretrain", *own, "output=model")
    bilm_files.write_bilm(tmp_path / "one", bilm_files.options(12, 6, ((1, 3),), layers=1))
    said = refused("pretrain", *own, "from=one", "output=other")
    assert "from=one: lstm.n_layers=1: the SavedModel of an ELMo has 2" in said
    assert said.endswith("; give saved_model=false")
    assert "saved_model=maybe (command line): must be of type bool" in refused("pretrain", *own, "saved_model=maybe")


def test_a_model_inside_a_package_goes_on(seedbed, corpus, refused):
    place = "package:seedbed/embeddings/models"
    words = ["corpus=texts", *FAST[1:], "output=further"]
    assert f"{place}/none: there is no such file in " in refused("pretrain", f"from={place}/none", *words)
    from seedbed.studies.pretraining import pretraining

    assert (pretraining([f"from={place}/small_english", *words]).init_from / "weights.hdf5").is_file()
