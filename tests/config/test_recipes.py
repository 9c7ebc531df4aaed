"""Recipes of ``seedbed pretrain``: every file of conf/pretraining, files of one's own, and what is refused in them."""

from pathlib import Path

import pytest
import yaml

from seedbed.cli.pretrain import KEYS, PARSER, ask
from seedbed.cli.pretrain_recipe import GROUPS
from seedbed.config.compose import compose
from seedbed.config.conf_files import conf_dir
from seedbed.config.recipes import FOLDER, read_recipe, recipe_files
from seedbed.errors import InputError

NAMES = sorted(file.stem for file in (Path(__file__).parents[2] / "conf" / FOLDER).glob("*.yaml"))


@pytest.fixture
def write(tmp_path):
    """Writes recipes to a folder laid out like conf/, which is the answer."""
    (tmp_path / FOLDER).mkdir()

    def made(text, name="mine"):
        (tmp_path / FOLDER / f"{name}.yaml").write_text(text, encoding="utf-8")
        return str(tmp_path)

    return made


def test_there_are_recipes_and_all_are_found():
    assert "small_english" in NAMES
    assert sorted(recipe_files()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_parses_and_checks_and_says_which_text_it_is_for(name):
    asked = ask([f"experiment={name}"])
    assert asked.recipe == name
    assert asked.texts or asked.dataset
    own = yaml.safe_load((conf_dir() / FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert (asked.distil.name if asked.distil else "") == own.get("distil", "")
    for part in (asked, asked.words, asked.training):
        for key in set(own) & set(vars(part)) - {"dataset", "distil"}:
            assert getattr(part, key) == own[key], key
    if "dataset" in own:
        assert asked.dataset.name == own["dataset"]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_how_it_is_run_and_has_no_name_of_a_study(name):
    text = (conf_dir() / FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert f"`seedbed pretrain experiment={name}`" in text
    assert not (conf_dir() / "experiment" / f"{name}.yaml").exists()


def test_a_recipe_is_as_if_its_keys_were_on_the_command_line(write):
    folder = write(
        "dataset: csv\ndataset.files: {train: 'a, b.csv'}\ndataset.held_out: {test: 0.25, validation: 0.1}\n"
        "dataset.lowercase: false\ndataset.max_tokens: null\nlearning_rate: 1e-3\nepochs: 2_0\nwarmup: 010\n"
        "sentences: line\ntracking.experiment: mine\ntime_limit: 1.5\n"
    )
    asked = ask(["experiment=mine"], folder)
    words = [
        "dataset=csv", "dataset.files={train: 'a, b.csv'}", "dataset.held_out={test: 0.25, validation: 0.1}",
        "dataset.lowercase=false", "dataset.max_tokens=null", "learning_rate=1e-3", "epochs=20", "warmup=10",
        "sentences=line", "tracking.experiment=mine", "time_limit=1.5",
    ]  # fmt: skip
    plain = ask(words)
    for key in ("dataset", "training", "words", "sentences", "tracking", "minutes"):
        assert getattr(asked, key) == getattr(plain, key), key
    assert asked.dataset.files["train"] == "a, b.csv"


def test_keys_of_the_command_line_win(write):
    folder = write("corpus: a.txt\nepochs: 2\nseed: 5\ntracking.experiment: theirs\ntracking.uri: 'sqlite:///a.db'\n")
    asked = ask(["epochs=3", "experiment=mine", "tracking.experiment=own"], folder)
    assert (asked.training.epochs, asked.training.seed) == (3, 5)
    assert (asked.tracking.experiment, asked.tracking.uri) == ("own", "sqlite:///a.db")
    assert ask(["experiment=mine", "tracking=off"], folder).tracking is None
    write("corpus: a.txt\ntracking: off\n", "silent")
    assert ask(["experiment=silent"], folder).tracking is None
    assert ask(["experiment=silent", "tracking.uri=sqlite:///b.db"], folder).tracking.uri == "sqlite:///b.db"


def test_another_text_on_the_command_line_takes_the_place_of_that_of_the_recipe(write):
    folder = write("dataset: movie_reviews\ndataset.split_seed: 3\nepochs: 2\n", "of_set")
    write("corpus: a.txt\ntokenizer: spaces\nepochs: 2\n", "of_files")
    own = ask(["experiment=of_set", "corpus=b.txt"], folder)
    assert (own.texts.corpus, own.dataset, own.training.epochs) == ("b.txt", None, 2)
    own = ask(["experiment=of_files", "dataset=trec"], folder)
    assert (own.texts, own.dataset.name) == (None, "trec")
    own = ask(["experiment=of_set", "dataset=csv"], folder)
    assert own.dataset.split_seed == ask(["dataset=csv"]).dataset.split_seed
    own = ask(["experiment=of_set", "dataset.split_seed=4"], folder)
    assert (own.dataset.name, own.dataset.split_seed) == ("movie_reviews", 4)


def test_a_model_that_goes_on_has_its_own_shape_and_not_that_of_the_recipe(write, tmp_path):
    folder = write("corpus: a.txt\nsize: small\n")
    assert ask(["experiment=mine", f"from={tmp_path}"], folder).size == ""
    assert ask(["experiment=mine", f"from={tmp_path}", "size=tiny"], folder).size == "tiny"


def test_ones_own_recipe_comes_before_that_of_seedbed(write):
    folder = write("corpus: a.txt\nepochs: 99\n", NAMES[0])
    assert ask([f"experiment={NAMES[0]}"], folder).training.epochs == 99
    assert set(recipe_files(folder)) == set(NAMES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epoch: 3\n", r"epoch \(.*mine.yaml\): no such key; did you mean epochs"),
        ("experiment: other\n", r"experiment \(.*mine.yaml\): no such key"),
        ("encoder.units: 3\n", r"encoder.units \(.*mine.yaml\): no such key"),
        ("epochs: many\n", r"epochs=many: must be a whole number \(.*mine.yaml\)"),
        ("epochs: 0\n", r"epochs=0: must be at least 1 \(.*mine.yaml\)"),
        ("epochs: [1, 2]\n", r"epochs \(.*mine.yaml\): must be one value"),
        ("dataset: {name: trec}\n", r"dataset \(.*mine.yaml\): must be one value"),
        ("epochs: 1\nepochs: 2\n", r"mine.yaml:3: the key epochs is there twice, first on line 2"),
        ("size: huge\n", r"size=huge: choose tiny.* \(.*mine.yaml\)"),
        ("time_limit: soon\n", r"time_limit=soon: .* \(.*mine.yaml\)"),
        ("tracking.uri: nowhere\n", r"tracking.uri=nowhere: not the address of a store.* \(.*mine.yaml\)"),
        ("- epochs\n", r"mine.yaml:1: must have keys"),
        ("", r"mine.yaml: must have keys of `seedbed pretrain`"),
        ("epochs: [\n", r"mine.yaml:2: a bracket is not closed"),
    ],
)
def test_a_bad_recipe_is_refused_in_one_line_that_names_its_file(write, text, said):
    folder = write("corpus: a.txt\n")
    assert ask(["experiment=mine"], folder).texts
    write(f"corpus: a.txt\n{text}" if text and not text.startswith("-") else text)
    with pytest.raises(InputError, match=said) as error:
        ask(["experiment=mine"], folder)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dataset: trek\n", r"dataset=trek: no file .*; did you mean dataset=trec\?.* \(.*mine.yaml\)$"),
        ("dataset: trec\ndataset.reder: 3\n", r"^no key dataset.reder .*mean dataset.reader.* \(.*mine.yaml\)$"),
        ("dataset: trec\ndataset.split_seed: x\n", r"dataset.split_seed=x: must be of type int.* \(.*mine.yaml\)$"),
        ("dataset: trec\ntokenizer: spaces\n", r"tokenizer=spaces: of corpus=.* \(.*mine.yaml\)$"),
    ],
)
def test_so_is_a_bad_setting_of_its_data_set(write, text, said):
    with pytest.raises(InputError, match=said):
        ask(["experiment=mine"], write(text))


def test_a_bad_word_of_the_command_line_is_not_said_of_the_recipe(write):
    folder = write("corpus: a.txt\nepochs: 3\n")
    for words in (["epochs=0"], ["epoch=1"], ["seed=-1"]):
        with pytest.raises(InputError) as error:
            ask(["experiment=mine", *words], folder)
        assert "mine.yaml" not in str(error.value)


def test_a_file_of_bytes_is_refused(write):
    folder = write("")
    Path(folder, FOLDER, "mine.yaml").write_bytes(b"epochs: \xff\n")
    with pytest.raises(InputError, match=r"mine\.yaml:1: not UTF-8: byte 0xff"):
        read_recipe("mine", KEYS, GROUPS, folder)


def test_names_of_recipes_and_of_studies_are_told_apart():
    with pytest.raises(InputError, match=r"experiment=small_englisch: no file .* mean experiment=small_english"):
        ask(["experiment=small_englisch"])
    with pytest.raises(InputError, match="experiment=quickstart: a study of `seedbed compare`, not a recipe"):
        ask(["experiment=quickstart"])
    with pytest.raises(InputError, match="experiment=small_english: a recipe of `seedbed pretrain`, not a study"):
        compose(["experiment=small_english"])


def test_a_recipe_of_ones_own_is_told_from_a_study_too(write):
    with pytest.raises(InputError, match="experiment=mine: a recipe of `seedbed pretrain`, not a study"):
        compose(["experiment=mine"], write("epochs: 2\n"))


def test_hydra_does_not_take_the_folder_for_a_group():
    assert FOLDER not in compose([])
    with pytest.raises(InputError, match="no config group pretraining"):
        compose([f"pretraining={NAMES[0]}"])


def test_the_words_of_a_recipe_are_parsed_like_those_of_the_command_line():
    given = PARSER.parse_intermixed_args([f"experiment={NAMES[0]}", "seed=3"])
    assert ask(given.settings, given.config_dir).training.seed == 3
