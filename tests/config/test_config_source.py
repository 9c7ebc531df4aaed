"""Folders of configs: what files of one's own may look like, the line about a wrong one, and what is read again."""

import pytest
from hydra import compose, initialize_config_dir

from seedbed.config.config_source import _config
from seedbed.config.study import study
from seedbed.errors import InputError

HEAD = """# @package _global_
defaults:
  - override /dataset: csv
  - override /task: classification
  - override /sampling: fewshot
name: a
sizes: [8]
"""
ARMS = "arms: {a: [embedding=random], b: [embedding=random, embedding.dim=20]}\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes the file of a study; composing it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiment").mkdir()

    def made(content, *words, name="mine", single=True):
        file = tmp_path / "experiment" / f"{name}.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return study([f"experiment={name}", *words], ".", single=single)

    return made


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_in_any_unicode_encoding_is_the_same_study(own, encoding):
    text = f"{HEAD}note: café\n{ARMS}".replace("\n", "\r\n")
    assert own(text.encode(encoding)).keys.note == "café"


def test_arms_may_have_names_that_yaml_takes_for_something_else(own):
    checked = own(f"{HEAD}arms: {{yes: [embedding=random], no: [], 1.0: [], null: []}}\n")
    assert list(checked.keys.arms) == ["yes", "no", "1.0", "null"]


def test_labels_may_too_and_their_values_are_texts(own):
    checked = own(f"{HEAD}dataset: {{labels: {{0: 1, yes: ja, 1.0: x}}}}\n{ARMS}")
    assert checked.arms[0].dataset.labels == {"0": "1", "yes": "ja", "1.0": "x"}


def test_the_defaults_may_stand_anywhere_and_another_file_may_be_taken_up(own):
    head, _, defaults = HEAD.partition("defaults:")
    own(f"{head}name: b\n{ARMS}defaults:{defaults.partition('name')[0]}", name="base")
    assert own("# @package _global_\ndefaults:\n  - base\n  - _self_\nname: c\n").keys.name == "c"


def test_what_was_resolved_once_is_a_text(own):
    checked = own(f"{HEAD}note: \\${{x}}\ndataset: {{labels: {{0: '\\${{y}}'}}}}\n{ARMS}")
    assert checked.keys.note == "${x}"
    assert checked.arms[0].dataset.labels == {"0": "${y}"}


WRONG = {
    "": "experiment/mine.yaml:1: is empty: it sets nothing",
    HEAD.partition("\n")[2]: "experiment/mine.yaml:1: a file of whole studies begins with the line",
    HEAD.replace("_global_", "global"): "experiment/mine.yaml:1: a file of whole studies begins with the line",
    HEAD.replace("@package", "@packge"): "experiment/mine.yaml:1: # @packge _global_: write `# @package _global_`",
    f"{HEAD}training:\n\tepochs: 1\n": "experiment/mine.yaml:9: a tab",
    f"{HEAD}note: ${{no.such.key}}\n": "note (experiment/mine.yaml:8): Interpolation key 'no.such.key' not found",
    f"{HEAD}note: ${{oc.env:NO_SUCH}}\n": "note (experiment/mine.yaml:8): the environment variable NO_SUCH is not set",
    f"{HEAD}note: ${{\n": "experiment/mine.yaml:8: no viable alternative",
    f"{HEAD}note: ${{metric}}\nmetric: ${{note}}\n": "metric (experiment/mine.yaml:9): Recursive interpolation",
    HEAD.replace("/task: ", "/tusk: "): "experiment/mine.yaml:4: no config group tusk; did you mean task?",
    HEAD.replace(": csv", ": cvs"): "dataset=cvs (experiment/mine.yaml:3): no file conf/dataset/cvs.yaml; did you mean",
    HEAD.replace("override ", ""): "experiment/mine.yaml:5: write `- override /sampling: fewshot`",
    "# @package _global_\ndefaults: {a: b}\n": "experiment/mine.yaml:2: defaults: must be a list; each is `- override",
    "# @package _global_\ndefaults: [3]\n": "experiment/mine.yaml:2: defaults: 3 is no text",
    "# @package _global_\ndefaults: [{a: b, c: d}]\n": "defaults: an entry is one group with its choice",
    "# @package _global_\ndefaults: [{a: 3}]\n": "defaults: the choice of a must be a name",
    "# @package _global_\ndefaults: [mine]\n": "nested too deep, or a defaults list that includes itself",
    "# @package _global_\ndefaults: [nothere]\n": "experiment=nothere (experiment/mine.yaml:2): no file",
    f"{HEAD}embedding: glove\n": "experiment/mine.yaml:8: embedding: must be a mapping; a choice is `- override /emb",
    f"{HEAD}arms: [a, b]\n": "experiment/mine.yaml:8: arms: must be a mapping",
    f"{HEAD}arms:\n  a:\n    - embedding: glove\n": "arms.a (experiment/mine.yaml:9): `embedding: glove`: a list of",
    f"{HEAD}arms: {{a: [embedding]}}\n": "arm a: cannot read 'embedding': write key=value (experiment/mine.yaml:8)",
    f"{HEAD}arms: {{a: [embedding=nope]}}\n": "arm a: embedding=nope: no file conf/embedding/nope.yaml",
    f"{HEAD}replicates: null\n": "replicates=null (experiment/mine.yaml): must be of type int",
    f"{HEAD}training: {{epochs: null}}\n": "training.epochs=null (experiment/mine.yaml): must be of type int",
    f"{HEAD}training: {{learning_rate: .nan}}\n": "training.learning_rate=nan (experiment/mine.yaml): must be a finite",
    f"{HEAD}sizes2: 3\n": "sizes2 (experiment/mine.yaml): no such key; did you mean sizes?",
    f"{HEAD}dataset: {{keep_tokens: last}}\n": "dataset.keep_tokens=last (experiment/mine.yaml): only a data set with",
}


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_file_that_cannot_be_used_is_refused_in_one_line(own, content):
    with pytest.raises(InputError) as refused:
        own(content, single="arms: {a: [emb" not in content)
    assert WRONG[content] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_file_of_that_name_is_named_for_what_it_is(own, tmp_path):
    (tmp_path / "experiment" / "folder.yaml").mkdir()
    (tmp_path / "experiment" / "other.yml").write_text(HEAD, encoding="utf-8")
    for name, line in {
        "folder": "folder.yaml: is a folder",
        "other": "rename experiment/other.yml to other.yaml",
    }.items():
        with pytest.raises(InputError, match=line):
            study([f"experiment={name}"], ".")


def test_a_choice_that_is_hidden_by_one_of_seedbed_is_refused(own, tmp_path):
    (tmp_path / "encoder").mkdir()
    hidden = tmp_path / "encoder" / "cnn.yaml"
    hidden.write_text("_target_: seedbed.model.encoders.CNN\nfilters: 4\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"encoder/cnn\.yaml: encoder=cnn is one of seedbed's own, which is read"):
        own(HEAD + ARMS, "encoder=cnn")
    from seedbed.config.conf_files import conf_dir

    hidden.write_bytes((conf_dir() / "encoder" / "cnn.yaml").read_bytes())
    assert own(HEAD + ARMS, "encoder=cnn").arms


def test_so_is_one_that_hydra_reads_itself(own, tmp_path):
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "mine.yaml").write_text("a: 1\na: [\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"encoder/mine\.yaml:2: a bracket is not closed"):
        study([f"hydra.searchpath=['file://{tmp_path}']", "encoder=mine"])


@pytest.mark.parametrize("folder", ["nowhere", "a" * 5_000, "a\0b"])
def test_a_folder_that_is_none(folder):
    with pytest.raises(InputError, match=r"--config-dir .*: not a folder"):
        study([], folder)


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / 'it\'s ${a}, "b"'
    (folder / "experiment").mkdir(parents=True)
    (folder / "experiment" / "mine.yaml").write_text(HEAD + ARMS, encoding="utf-8")
    assert study(["experiment=mine"], str(folder)).keys.name == "a"


def test_a_file_is_parsed_once_and_each_config_of_it_is_its_own(own):
    first = own(f"{HEAD}{ARMS}", single=False)
    parsed = _config.cache_info().misses
    second = own(f"{HEAD}{ARMS}", single=False)
    assert _config.cache_info().misses == parsed
    assert second == first


def test_a_file_that_changed_is_read_again(own):
    assert own(f"{HEAD}note: old\n{ARMS}").keys.note == "old"
    assert own(f"{HEAD}note: new\n{ARMS}").keys.note == "new"


def test_configs_of_another_program_are_read_by_hydra_itself(own, tmp_path):
    own(f"{HEAD}{ARMS}")
    (tmp_path / "config.yaml").write_text("a: 1\n")
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        config = compose("config", return_hydra_config=True)
    assert [source.schema for source in config.hydra.runtime.config_sources if source.provider == "main"] == ["file"]
    assert config.a == 1
