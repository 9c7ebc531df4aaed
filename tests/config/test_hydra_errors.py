"""Wrong configs: one line that names the key, its place and the nearest valid name, with nothing heavy imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed
from seedbed.config.study import study
from seedbed.errors import InputError

CLASSIFICATION = ["dataset=trec", "task=classification", "sampling=fewshot", "encoder=cnn"]

REFUSED = {
    # a key that is not there
    "encoder.unitss=3": "no key encoder.unitss in encoder; did you mean encoder.units?",
    "+encoder.unitss=3": "encoder.unitss (command line): no such key; did you mean encoder.units?",
    "+replicate=3": "replicate (command line): no such key; did you mean replicates?",
    "replicate=3": "no key replicate; did you mean replicates?",
    "dataset.reader.tokn_column=1": "no key dataset.reader.tokn_column in dataset.reader; did you mean",
    "+dataset.reader.tokn_column=1": "dataset.reader.tokn_column (command line): no such key; did you mean",
    "embeding=glove": "no key embeding; did you mean embedding?",
    # a choice that is not there
    "encoder=bilstmm": "encoder=bilstmm: no file conf/encoder/bilstmm.yaml; did you mean encoder=bilstm?",
    "experiment=quickstrat": "experiment=quickstrat: no file conf/experiment/quickstrat.yaml; did you",
    "experiment=imdb_static_200 protocol=publishd": "protocol=publishd: not a protocol here; did you mean published?",
    "protocol=published": "protocol=published: not a protocol here",
    "arms.x=[encoder=bilstmm]": "arm x: encoder=bilstmm: no file conf/encoder/bilstmm.yaml; did you mean enc",
    "experiment=quickstart baseline=randm": "baseline=randm: not an arm; did you mean random?",
    "arms.x=[replicates=3]": "arm x: replicates=3: an arm sets keys of dataset, embedding",
    "arms.x=[+encoder.unitss=3]": "arm x: encoder.unitss (command line): no such key; did you mean encoder.units?",
    "encoder=null": "encoder=null: a config needs one of conf/encoder/",
    "~encoder": "~encoder: a config needs one of conf/encoder/",
    # a value of another type, or out of range
    "encoder.units=many": "encoder.units=many (command line): must be of type int",
    "encoder.units=3.7": "encoder.units=3.7 (command line): must be of type int",
    "encoder.units=true": "encoder.units=True (command line): must be of type int",
    "encoder.units=-1": "encoder.units=-1",
    "encoder.dropout=1.5": "encoder.dropout=1.5",
    "training.learning_rate=nan": "training.learning_rate=nan (command line): must be a finite number",
    "training.optimizer=adamm": "training.optimizer=adamm: choose adam, adamw, sgd",
    "replicates=many": "replicates=many (command line): must be of type int",
    "replicates=0": "replicates=0: must be at least 1",
    "seed=-1": "seed=-1: must be at least 0",
    "sizes=50": "sizes=50 (command line): must be of type list[int] or null",
    "sizes=[]": "sizes=[]: different numbers",
    "sizes=[50,50]": "sizes=[50, 50]: different numbers",
    "sizes=[0]": "sizes=[0]: different numbers",
    "sizes=[x]": "sizes=['x'] (command line): must be of type list[int] or null",
    "only=[]": "only=[]: name at least one replicate",
    "only=[1]": "only=[1]: replicates are numbered 0 to 0",
    "replicates=5 only=[-1]": "only=[-1]: replicates are numbered 0 to 4",
    "seeds=cross": "seeds=cross: choose paired, crossed",
    "initialisations=3": "initialisations=3: with seeds=paired each replicate has one; use seeds=crossed",
    "seeds=crossed": "initialisations=1: with seeds=crossed give at least 2",
    "seeds=crossed initialisations=0": "initialisations=0: with seeds=crossed give at least 2",
    "replicates=500 seeds=crossed initialisations=3": "initialisations=3: at most 1000 replicates, and 500 draws make",
    "replicates=2 seeds=crossed initialisations=2 only=[4]": "only=[4]: replicates are numbered 0 to 3",
    "device=tpu": "device=tpu: choose auto, cpu, gpu",
    "name=../x": "name=../x: must be usable as the name of a folder",
    "tracking.uri=foo": "tracking.uri=foo: not the address of a store (perhaps sqlite:///foo)",
    "arms.x=embedding=glove": "arms={'x': 'embedding=glove'} (conf/config.yaml): must be of type dict[str, list[str]]",
    "encoder.units=${nope}": "Interpolation key 'nope' not found",
    "encoder._target_=os.system": "encoder._target_=os.system",
    "encoder._target_=seedbed.model.encoders.Nope": "there is no such class",
    "sizes=[[4]]": "sizes=[[4]] (command line): must be of type list[int] or null",
    "dataset=[trec]": "command line: dataset=[trec]: dataset= takes one name; keys are set by dataset.KEY=VALUE",
    "training=[1,2]": "command line: training=[1,2]: training= takes one name",
    "experiment=[quickstart]": "command line: experiment=[quickstart]: experiment= takes one name",
    "training.learning_rate=interval(0,1)": "training.learning_rate=interval(0,1): an interval is searched, not swept",
    "dataset=jsonl task=tagging": "did you mean task=classification? (it reads tags with dataset.reader.tokens=",
    # what cannot go together
    "encoder=pool": "encoder=pool gives one vector per sequence and cannot tag tokens (conf/encoder/pool.yaml)",
    "task=classification": "task=classification does not fit dataset=twitter_ner, a tagging set",
    "dataset=trec task=tagging": "task=tagging does not fit dataset=trec, a classification set (conf/dataset/tr",
    "sampling.strategy=stratified": "sampling.strategy=stratified balances classes; for tagging use random",
    # what cannot be read
    "nonsense": "cannot read 'nonsense': write key=value",
    "=3": "cannot read '=3': write key=value",
    "a=b=c": "cannot read 'a=b=c': write key=value",
    "encoder=bilstm,cnn": "encoder=bilstm,cnn: several values; a list is encoder=[...], and `seedbed run -m` sweeps",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("said", REFUSED)
def test_it_is_refused_in_one_line(said):
    with pytest.raises(InputError) as refused:
        study(said.split(" "))
    line = str(refused.value)
    assert REFUSED[said] in line
    assert "\n" not in line
    assert len(line) < 400


def test_k_per_type_is_refused_for_classes():
    with pytest.raises(InputError, match="for classification use random, stratified or per_class"):
        study([*CLASSIFICATION, "sampling.strategy=k_per_type"])


def test_a_key_that_a_file_of_ours_sets_is_named_with_that_file(tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(
        "# @package _global_\ntraining: {epochs: none}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"training\.epochs=none \(.*experiment/mine\.yaml\): must be of type int"):
        study(["experiment=mine"], str(tmp_path))


def test_an_unknown_key_of_an_experiment_is_named_with_its_file(tmp_path):
    (tmp_path / "experiment").mkdir()
    file = tmp_path / "experiment" / "mine.yaml"
    for text in ("repliactes: 3\n", "training: {epoch: 3}\n"):
        file.write_text("# @package _global_\n" + text, encoding="utf-8")
        with pytest.raises(InputError, match=r"\(.*experiment/mine\.yaml\): no such key; did you mean"):
            study(["experiment=mine"], str(tmp_path))


def test_a_folder_of_configs_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"--config-dir .*nowhere: not a folder"):
        study([], str(tmp_path / "nowhere"))


HEAVY = """
import sys
from seedbed.cli.main import main
for words in sys.argv[1:]:
    for command in ("compare", "run", "show"):
        assert main([command, *words.split(" ")]) == 2, words
loaded = {"tensorflow", "keras", "mlflow", "jax", "matplotlib", "pandas"} & set(sys.modules)
assert not loaded, loaded
"""


@pytest.mark.slow
def test_nothing_heavy_is_imported_before_a_config_is_refused(tmp_path):
    said = ["encoder.unitss=3", "encoder=pool", "+encoder.unitss=3", "encoder=bilstmm", "sizes=[]", "device=tpu"]
    env = os.environ | {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    command = [sys.executable, "-c", HEAVY, *said]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 3 * len(said)
    assert all(line.startswith("seedbed: ") for line in done.stderr.splitlines())
    assert not list(tmp_path.iterdir())
