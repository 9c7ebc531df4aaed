"""Recipes of ``seedbed pretrain``: every file of conf/pretraining, files of one's own, and what is refused in them."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from seedbed.cli.pretrain import PARSER
from seedbed.config.compose import compose, conf_dir
from seedbed.config.schema import PRETRAINING
from seedbed.errors import InputError
from seedbed.studies.pretraining import KEYS, KEYWORDS, PARTS, pretraining

FOLDER = PRETRAINING.experiments
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


def test_the_root_lists_exactly_the_keys_with_their_defaults():
    node = yaml.safe_load((conf_dir() / "pretrain.yaml").read_text(encoding="utf-8"))
    assert set(node) - {"defaults", "hydra"} == set(KEYS)
    assert len(KEYS) == len(set(KEYS))
    for part in PARTS:
        for field in dataclasses.fields(part):
            key = KEYWORDS.get(field.name, field.name)
            default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            assert node[key] == (None if key == "corpus" else default), key


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_parses_and_checks_and_says_which_text_it_is_for(name):
    asked = pretraining([f"experiment={name}"])
    assert asked.experiment == name
    assert asked.texts or asked.dataset
    own = yaml.safe_load((conf_dir() / FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert (asked.teacher.name if asked.teacher else "") == own.get("distil", "")
    for part in (asked, asked.options, asked.words, asked.training):
        for key in set(own) & set(vars(part)) - ({"dataset", "exclude"} if part is asked else set()):
            assert getattr(part, key) == own[key], key
    assert [dataset.name for dataset in asked.exclude] == [
        setting.removeprefix("dataset=") for setting in own.get("exclude", ()) if setting.startswith("dataset=")
    ]
    for choice in own.get("defaults", ()):
        for group, wanted in choice.items():
            assert getattr(asked, group.removeprefix("override /")).name == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_how_it_is_run_and_has_no_name_of_a_study(name):
    text = (conf_dir() / FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert f"`seedbed pretrain experiment={name}`" in text
    assert not (conf_dir() / "experiment" / f"{name}.yaml").exists()


def test_a_recipe_is_as_if_its_keys_were_on_the_command_line(write):
    folder = write(
        "dataset: csv\ndataset.files: {train: 'a, b.csv'}\ndataset.held_out: {test: 0.25, validation: 0.1}\n"
        "dataset.lowercase: false\ndataset.max_tokens: null\nlearning_rate: 1e-3\nepochs: 2_0\nwarmup: 10\n"
        "sentences: line\ntracking.experiment: mine\ntime_limit: 1.5\n"
    )
    asked = pretraining(["experiment=mine"], folder)
    words = [
        "dataset=csv", "dataset.files={train: 'a, b.csv'}", "dataset.held_out={test: 0.25, validation: 0.1}",
        "dataset.lowercase=false", "dataset.max_tokens=null", "learning_rate=1e-3", "epochs=20", "warmup=010",
        "sentences=line", "tracking.experiment=mine", "time_limit=1.5",
    ]  # fmt: skip
    plain = pretraining(words)
    for key in ("dataset", "training", "words", "sentences", "tracking", "minutes"):
        assert getattr(asked, key) == getattr(plain, key), key
    assert asked.dataset.files["train"] == "a, b.csv"


def test_a_recipe_may_be_written_as_other_experiments_are(write):
    folder = write(
        "# @package _global_\ndefaults:\n  - override /dataset: trec\n  - override /tracking: server\n\nepochs: 20\n"
        "dataset: {split_seed: 3}\ntracking: {uri: 'sqlite:///a.db'}\n"
    )
    asked = pretraining(["experiment=mine"], folder)
    assert (asked.dataset.name, asked.dataset.split_seed, asked.training.epochs) == ("trec", 3, 20)
    assert asked.tracking.uri == "sqlite:///a.db"


def test_keys_of_the_command_line_win(write):
    folder = write("corpus: a.txt\nepochs: 2\nseed: 5\ntracking.experiment: theirs\ntracking.uri: 'sqlite:///a.db'\n")
    asked = pretraining(["epochs=3", "experiment=mine", "tracking.experiment=own"], folder)
    assert (asked.training.epochs, asked.training.seed) == (3, 5)
    assert (asked.tracking.experiment, asked.tracking.uri) == ("own", "sqlite:///a.db")
    assert pretraining(["experiment=mine", "tracking=off"], folder).tracking is None
    write("corpus: a.txt\ntracking: off\n", "silent")
    assert pretraining(["experiment=silent"], folder).tracking is None
    assert pretraining(["experiment=silent", "tracking.uri=sqlite:///b.db"], folder).tracking.uri == "sqlite:///b.db"


def test_another_text_on_the_command_line_takes_the_place_of_that_of_the_recipe(write):
    folder = write("dataset: movie_reviews\ndataset.split_seed: 3\nepochs: 2\n", "of_set")
    write("corpus: a.txt\ntokenizer: spaces\nepochs: 2\n", "of_files")
    own = pretraining(["experiment=of_set", "corpus=b.txt"], folder)
    assert (own.texts.corpus, own.dataset, own.training.epochs) == ("b.txt", None, 2)
    own = pretraining(["experiment=of_files", "dataset=trec"], folder)
    assert (own.texts, own.dataset.name) == (None, "trec")
    own = pretraining(["experiment=of_set", "dataset=csv"], folder)
    assert own.dataset.split_seed == pretraining(["dataset=csv"]).dataset.split_seed
    own = pretraining(["experiment=of_set", "dataset.split_seed=4"], folder)
    assert (own.dataset.name, own.dataset.split_seed) == ("movie_reviews", 4)


def test_a_model_that_goes_on_has_its_own_shape_and_not_that_of_the_recipe(write, tmp_path):
    folder = write("corpus: a.txt\nsize: small\n")
    assert pretraining(["experiment=mine", f"from={tmp_path}"], folder).options.size is None
    assert pretraining(["experiment=mine", f"from={tmp_path}", "size=tiny"], folder).options.size == "tiny"


def test_ones_own_recipe_has_another_name_than_those_of_seedbed(write):
    folder = write("corpus: a.txt\nepochs: 99\n", NAMES[0])
    with pytest.raises(
        InputError, match=rf"{NAMES[0]}.yaml: experiment={NAMES[0]} is one of seedbed's own.*another na"
    ):
        pretraining([f"experiment={NAMES[0]}"], folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epoch: 3\n", r"epoch \(.*mine.yaml\): no such key; did you mean epochs"),
        ("experiment: other\n", r"experiment \(.*mine.yaml\): no such key"),
        ("encoder.units: 3\n", r"encoder.units \(.*mine.yaml\): no such key"),
        ("epochs: many\n", r"epochs=many \(.*mine.yaml\): must be of type int"),
        ("epochs: 0\n", r"epochs=0: must be at least 1 \(.*mine.yaml\)"),
        ("epochs: [1, 2]\n", r"epochs=\[1, 2\] \(.*mine.yaml\): must be of type int"),
        ("epochs: 1\nepochs: 2\n", r"mine.yaml:3: the key epochs appears twice, first on line 2"),
        ("size: huge\n", r"size=huge: choose tiny.* \(.*mine.yaml\)"),
        ("time_limit: soon\n", r"time_limit=soon \(.*mine.yaml\): must be of type float or null"),
        ("tracking.uri: nowhere\n", r"tracking.uri=nowhere: not the address of a store.* \(.*mine.yaml\)"),
        ("- epochs\n", r"mine.yaml:1: must have keys"),
        ("", r"mine.yaml:1: is empty: it sets nothing"),
        ("epochs: [\n", r"mine.yaml:2: a bracket is not closed"),
    ],
)
def test_a_bad_recipe_is_refused_in_one_line_that_names_its_file(write, text, said):
    folder = write("corpus: a.txt\n")
    assert pretraining(["experiment=mine"], folder).texts
    write(f"corpus: a.txt\n{text}" if text and not text.startswith("-") else text)
    with pytest.raises(InputError, match=said) as error:
        pretraining(["experiment=mine"], folder)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dataset: trek\n", r"dataset=trek \(.*mine.yaml:1\): no file .*; did you mean dataset=trec\?"),
        ("dataset: trec\ndataset.reder: 3\n", r"^dataset.reder \(.*mine.yaml\): no such key.*mean dataset.reader"),
        ("dataset: trec\ndataset.split_seed: x\n", r"dataset.split_seed=x \(.*mine.yaml\): must be of type int$"),
        ("dataset: trec\ntokenizer: spaces\n", r"tokenizer=spaces: of corpus=.* \(.*mine.yaml\)$"),
    ],
)
def test_so_is_a_bad_setting_of_its_data_set(write, text, said):
    with pytest.raises(InputError, match=said):
        pretraining(["experiment=mine"], write(text))


def test_a_bad_word_of_the_command_line_is_not_said_of_the_recipe(write):
    folder = write("corpus: a.txt\nepochs: 3\n")
    for words in (["epochs=0"], ["epoch=1"], ["seed=-1"]):
        with pytest.raises(InputError) as error:
            pretraining(["experiment=mine", *words], folder)
        assert "mine.yaml" not in str(error.value)


def test_a_file_of_bytes_is_refused(write):
    folder = write("")
    Path(folder, FOLDER, "mine.yaml").write_bytes(b"epochs: \xff\n")
    with pytest.raises(InputError, match=r"mine\.yaml:1: not UTF-8: byte 0xff"):
        pretraining(["experiment=mine"], folder)


def test_names_of_recipes_and_of_studies_are_told_apart():
    with pytest.raises(InputError, match=r"experiment=small_englisch: no file .* mean experiment=small_english"):
        pretraining(["experiment=small_englisch"])
    with pytest.raises(InputError, match="experiment=quickstart: a study of `seedbed compare`, not a recipe"):
        pretraining(["experiment=quickstart"])
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
    assert pretraining(given.settings, given.config_dir).training.seed == 3


@pytest.mark.parametrize("path", ["my texts (1), new.txt", "2020", "1_0", "007", "a{b}", "C:\\texts", "~/é.txt"])
def test_a_path_needs_no_quotes(path):
    asked = pretraining([f"corpus={path}", f"output={path}"])
    assert (asked.texts.corpus, asked.options.output) == (path, path)


def test_an_empty_value_takes_the_recipe_s_away(write):
    folder = write("corpus: a.txt\ndistil: glove\nsize: small\noutput: own\n")
    asked = pretraining(["experiment=mine", "distil=", "size=null", "output="], folder)
    assert (asked.teacher, asked.options.size, asked.options.output or None) == (None, None, None)


def test_another_store_on_the_command_line_takes_the_place_of_that_of_the_recipe(write):
    folder = write("corpus: a.txt\ntracking.uri: 'sqlite:///a.db'\ntracking.experiment: theirs\n")
    tracking = pretraining(["experiment=mine", "tracking=mlflow"], folder).tracking
    assert (tracking.uri, tracking.experiment) == ("", "seedbed")
