"""Help, exit codes and errors of every command."""

import subprocess
import sys
from pathlib import Path

import pytest

import seedbed as package
from seedbed.cli.main import COMMANDS
from seedbed.errors import InputError

PROMISED = {
    "run": ["dataset=", "embedding=", "sizes=", "replicates=", "-m", "hydra/launcher=joblib", "+sweeps=", "--config"],
    "compare": [
        "experiment=", "replicates=", "only=", "sizes=", "seed=", "output=", "tracking.uri=", "device=", "force=",
        "baseline=", "metric=", "arms", "protocol=", "--config-dir",
    ],
    "report": [
        "from=", "comparison=", "study=", "output=", "title=", "metric=", "baseline=", "published=", "tracking.uri=",
    ],
    "data": ["list", "fetch", "verify", "show", "--examples"],
    "embed": ["dataset=", "input=", "output=", "embedding.state", "--config-dir"],
    "explore": ["word=", "forms=", "senses=", "dataset=", "static=", "limit=", "output=", "embedding="],
    "pretrain": [
        "experiment=", "corpus=", "dataset=", "from=", "size=", "output=", "time_limit=", "optimizer=", "tracking.uri=",
        "tracking=off",
    ],
    "export": ["embedding=", "output=", "embedding.options", "embedding.weights", "--config-dir"],
    "cache": ["stats", "clear", "verify", "model=", "embedding.cache_gb"],
    "show": ["experiment=", "--config-dir"],
    "reproduce": ["list", "show", "NAME", "embedding=", "protocol=", "replicates=", "--config-dir"],
    "sweep": ["pick", "name=", "metric=", "by=", "tracking.uri="],
    "lint": ["experiment=", "lint=error", "lint=off", "--rules", "--config-dir"],
    "doctor": ["tracking.uri"],
    "labels": ["for=N", "target=SCORE", "study=NAME", "--config-dir"],
    "status": ["STUDY", "tracking.uri=", "--json", "--watch"],
    "sync": ["tracking.uri", "tracking.experiment", "SEEDBED_STATE"],
    "ship": ["comparison=", "study=", "arm=", "size=", "output=", "vectors=", "register=", "tracking.uri="],
    "predict": [
        "model=", "run=", "study=", "comparison=", "arm=", "size=", "text=", "input=", "output=", "by=", "format=",
        "tokenizer=", "reading=", "plugins=", "tracking.uri=",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_names_every_key_that_it_promises(seedbed, name):
    said = seedbed(name, "--help")
    assert said.code == 0
    assert [key for key in PROMISED[name] if key not in said.out] == []
    assert f"seedbed {name}" in said.out
    assert "examples:" in said.out
    assert "--debug" in said.out
    assert max(map(len, said.lines)) <= 120


def test_the_help_of_all_lists_every_command(seedbed):
    said = seedbed("--help")
    assert said.code == 0
    for name, line in COMMANDS.items():
        assert name in said.out
        assert line.split(";")[0] in " ".join(said.out.split())
    assert "Exit codes" in said.out


HELP = """
import sys
from seedbed.cli.main import main
for name in sys.argv[1:]:
    try:
        main([name, "--help"])
    except SystemExit:
        pass
print("loaded", *{name.partition(".")[0] for name in sys.modules})
"""


def test_help_imports_nothing_that_is_slow():
    done = subprocess.run(
        [sys.executable, "-c", HELP, *COMMANDS], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(Path(package.__file__).parents[1]), "PATH": ""},
    )  # fmt: skip
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"tensorflow", "keras", "mlflow", "hydra", "omegaconf", "pandas", "numpy", "rich", "yaml"}


def test_versions_and_unknown_commands(seedbed):
    assert seedbed("--version").out.strip() == f"seedbed {package.__version__}"
    assert seedbed().code == 2
    assert seedbed("comparr").code == 2


@pytest.mark.parametrize(
    "words", [["show", "encoder=nope"], ["data", "show", "nope"], ["report", "nope"], ["doctor", "x=1"]]
)
def test_bad_words_are_one_line_and_exit_code_2(refused, words):
    assert refused(*words)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["comparr"], "no command comparr; did you mean compare?"),
        (["--config-dir", "x", "show"], "--config-dir: the command comes first: seedbed COMMAND --config-dir"),
        (["-m", "run"], "-m: the command comes first"),
        ([], "give a command"),
        (
            ["show", "--encoder.units=3"],
            "unrecognized arguments: --encoder.units=3; settings are key=value, without da",
        ),
        (["show", "--cfg", "job"], "unrecognized arguments: --cfg; `seedbed show` prints the config"),
        (["compare", "-m", "seed=1,2"], "unrecognized arguments: -m; a sweep is `seedbed run -m`"),
        (["compare", "--multirun"], "a sweep is `seedbed run -m`"),
        (["show", "encoder.units", "=", "3"], "cannot read '=': write key=value, with no blank before the ="),
        (["show", "note=a\nb"], "cannot read 'note=a\\nb'"),
        (["show", f"name={'a' * 5_000}"], f"name={'a' * 75}...{'a' * 19}: must be usable as the name of a folder"),
        (["show", "--config-dir", "a" * 5_000], "not a folder"),
        (
            ["embed", "embedding=elmo", "dataset=trec", "sizes=[5]"],
            "sizes=[5]: `seedbed embed` takes keys of embedding",
        ),
        (["data", "show", "csv", "encoder.units=3"], "encoder.units=3: `seedbed data show` takes keys of dataset"),
    ],
)
def test_words_in_the_wrong_place_are_one_line_that_says_where_they_go(refused, words, line):
    found = refused(*words)
    assert line in found
    assert len(found) < 400


def test_debug_shows_where_an_error_comes_from(seedbed):
    with pytest.raises(InputError):
        seedbed("show", "encoder=nope", "--debug")


def test_ctrl_c_is_exit_code_130(seedbed, monkeypatch):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("seedbed.cli.show.main", interrupted)
    said = seedbed("show")
    assert said.code == 130
    assert len(said.err.splitlines()) == 1


def test_show_prints_every_key_with_its_value(seedbed):
    import yaml

    shown = yaml.safe_load(seedbed("show", "experiment=quickstart", "replicates=3").out)
    assert shown["replicates"] == 3
    assert shown["sampling"]["strategy"] == "stratified"
    assert shown["arms"]["elmo"] == ["embedding=elmo_reviews", "embedding.mix=average"]
    assert "hydra" not in shown
