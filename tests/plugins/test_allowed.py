"""Which classes from outside a config may name, and the line about each that it may not; no study is trained."""

import sys
from importlib.metadata import EntryPoint

import pytest

from seedbed.config import plugins, sweep
from seedbed.config.build import described
from seedbed.config.published import published_table
from seedbed.config.study import study
from seedbed.errors import InputError

CSV = ["dataset=csv", "task=classification", "dataset.files.train=a.csv", "sampling=full"]

MINE = """
from dataclasses import dataclass
from typing import ClassVar

from seedbed.model.encoders import CNN

open("imported", "w").close()


@dataclass(frozen=True)
class Mine(CNN):
    scale: float = 1.0


@dataclass(frozen=True)
class Strict:
    size: int
    tags: ClassVar[bool] = False

    def __post_init__(self):
        if self.size < 1:
            raise ValueError("size is below 1")

    weights = masks = width = encode = None


@dataclass(frozen=True)
class Unreadable(CNN):
    one: frozenset = frozenset()


@dataclass(frozen=True)
class Short:
    tags: ClassVar[bool] = False


@dataclass
class Thawed:
    units: int = 1


class Plain:
    pass
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Composes a study with a module ``NAME.py`` in the current folder and an encoder of it in my_conf."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    (tmp_path / "my_conf" / "encoder").mkdir(parents=True)

    def compose(*words, module="own_module", cls="Mine", keys="", code=MINE, name=None):
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        text = f"_target_: {name or module}.{cls}\n{keys}\n"
        (tmp_path / "my_conf" / "encoder" / "mine.yaml").write_text(text, encoding="utf-8")
        return study([*CSV, "encoder=mine", *words], "my_conf", single=True)

    yield compose
    for name in set(sys.modules) - before:
        if name.startswith(("own_", "bad_")):
            del sys.modules[name]


def line_of(compose, *words, **settings):
    with pytest.raises(InputError) as refused:
        compose(*words, **settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("value", ["[own_module]", "own_module", "[./own_module.py]", "[own_other,own_module]"])
def test_a_module_that_the_command_line_allows_is_imported(own, tmp_path, value):
    (tmp_path / "own_other.py").touch()
    arm = own(f"plugins={value}", "encoder.scale=0.5", keys="filters: 7\nscale: 1.0").arms[0]
    assert (type(arm.encoder).__name__, arm.encoder.filters, arm.encoder.scale) == ("Mine", 7, 0.5)


def test_a_file_may_be_in_another_folder(own, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "own_far.py").write_text(MINE, encoding="utf-8")
    assert own("plugins=[code/own_far.py]", name="own_far").arms[0].encoder.scale == 1.0


def test_a_config_alone_imports_nothing(own, tmp_path):
    line = line_of(own)
    assert line == (
        "encoder._target_=own_module.Mine (my_conf/encoder/mine.yaml): not a class of seedbed, nor of an installed "
        "plugin; if you trust the module own_module, allow it on the command line with plugins=[own_module]"
    )
    (tmp_path / "my_conf" / "experiment").mkdir()
    experiment = tmp_path / "my_conf" / "experiment" / "evil.yaml"
    head = "# @package _global_\nname: a\n"
    for text, place in {
        "plugins: [own_module]\n": "plugins (my_conf/experiment/evil.yaml:3): a config file cannot allow an import; if "
                                   "you trust it, type plugins=[own_module] on the command line",
        "protocol: a\nprotocols: {a: ['plugins=[own_module]']}\n": "protocols.a (my_conf/experiment/evil.yaml:4): plug",
    }.items():  # fmt: skip
        experiment.write_text(head + text, encoding="utf-8")
        assert line_of(own, "experiment=evil").startswith(place)
    group = "# @package _global_\nplugins: [own_module]\nencoder: {_target_: own_module.Mine}\n"
    (tmp_path / "my_conf" / "encoder" / "evil.yaml").write_text(group, encoding="utf-8")
    assert line_of(own, "encoder=evil").startswith("encoder._target_=own_module.Mine (my_conf/encoder/evil.yaml): not")
    assert "without ${...}" in line_of(own, "plugins=[${name}]", "name=own_module")
    assert not (tmp_path / "imported").exists()


def test_an_arm_of_a_config_allows_nothing(own, tmp_path):
    own("plugins=[own_module]")
    (tmp_path / "my_conf" / "experiment").mkdir()
    (tmp_path / "my_conf" / "experiment" / "evil.yaml").write_text(
        "# @package _global_\narms: {a: [encoder=mine, 'plugins=[own_module]']}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"arm a: plugins=.*: an arm sets keys of"):
        study([*CSV, "experiment=evil"], "my_conf")


@pytest.mark.parametrize(
    ("hydra", "line"),
    [
        ("sweeper: {params: {plugins: '[own_module]', seed: '1,2'}}", "hydra.sweeper.params"),
        ("callbacks: {a: {_target_: own_module.Mine}}", "hydra.callbacks.a._target_=own_module.Mine (my_conf/sweeps/"),
        ("launcher: {_target_: own_module.Mine}", "hydra.launcher._target_=own_module.Mine (my_conf/sweeps/evil.yaml"),
        (
            "callbacks: {a: {_target_: hydra.utils.get_object, path: own_module.Mine}}",
            "hydra.callbacks.a._target_=hydra",
        ),
        ("job_logging: {filters: [{(): own_module.Mine}]}", "hydra.job_logging.filters.0.()=own_module.Mine"),
        ("job_logging: {handlers: {a: {(): own_module.Mine}}}", "hydra.job_logging.handlers.a.()=own_module.Mine"),
    ],
)
def test_nor_does_a_file_of_sweeps(own, tmp_path, hydra, line):
    with pytest.raises(InputError):
        own()
    (tmp_path / "my_conf" / "sweeps").mkdir()
    (tmp_path / "my_conf" / "sweeps" / "evil.yaml").write_text(
        f"# @package _global_\nhydra: {{mode: MULTIRUN, {hydra}}}\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as refused:
        list(sweep.trial_jobs([*CSV, "encoder=mine", "+sweeps=evil"], "my_conf"))
    assert str(refused.value).startswith(line)
    assert not (tmp_path / "imported").exists()


def test_nor_does_a_launcher_of_ones_own(own, tmp_path):
    (tmp_path / "my_conf" / "hydra" / "launcher").mkdir(parents=True)
    (tmp_path / "my_conf" / "hydra" / "launcher" / "evil.yaml").write_text("_target_: own_module.Mine\n", "utf-8")
    with pytest.raises(InputError, match=r"hydra\.launcher\._target_=own_module\.Mine"):
        sweep.sweep_launcher([*CSV, "hydra/launcher=evil"], "my_conf")


def test_nor_a_table_of_published_scores(tmp_path):
    (tmp_path / "published_numbers").mkdir()
    (tmp_path / "published_numbers" / "evil.yaml").write_text(
        "title: a\nsource: b\nprotocol: c\nnote: d\ncommand: compare\nsettings: ['plugins=[own_module]']\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"evil\.yaml: settings: plugins=\[own_module\]: a config file cannot allow"):
        published_table("evil", str(tmp_path))


def test_each_job_of_a_sweep_has_the_plugins_of_the_command_line(own):
    own("plugins=[own_module]")
    words = [*CSV, "encoder=cnn,mine", "plugins=[own_module]"]
    jobs = list(sweep.trial_jobs(words, "my_conf"))
    assert len(jobs) == 2
    assert all("plugins=[own_module]" in job for job in jobs)
    assert [type(study(job, "my_conf", single=True).arms[0].encoder).__name__ for job in jobs] == ["CNN", "Mine"]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"cls": "Nope"}, "own_module.py) has no class Nope"),
        ({"cls": "Plain"}, "must name a dataclass: put @dataclass(frozen=True) above the class"),
        ({"cls": "Thawed"}, "must be frozen: write @dataclass(frozen=True)"),
        ({"cls": "Short"}, "has no weights, masks, width, encode; it needs tags, weights, masks, width, encode"),
        ({"cls": "Unreadable"}, "(my_conf/encoder/mine.yaml): its fields cannot be read from a config: "),
        ({"cls": "Strict"}, "encoder.size (my_conf/encoder/mine.yaml): not set, and Strict has no default for it"),
        ({"cls": "Strict", "keys": "size: 0"}, "encoder (my_conf/encoder/mine.yaml): ValueError: size is below 1"),
        ({"keys": "scales: 1"}, "encoder.scales (my_conf/encoder/mine.yaml): no such key; did you mean encoder.scale?"),
        ({"keys": "scale: a"}, "encoder.scale=a (my_conf/encoder/mine.yaml): must be of type float"),
        ({"keys": "filters: 0"}, "encoder.filters=0: must be at least 1 (my_conf/encoder/mine.yaml)"),
        ({"module": "bad_name", "code": "import no_such"}, "cannot import bad_name: ModuleNotFoundError: No module"),
        ({"module": "bad_syntax", "code": "x = = 1"}, "cannot import bad_syntax: SyntaxError: invalid syntax (bad_syn"),
        ({"module": "bad_value", "code": "\n1 / 0"}, "bad_value: ZeroDivisionError: division by zero ("),
        ({"module": "bad_exit", "code": "raise SystemExit(3)"}, "cannot import bad_exit: SystemExit: 3"),
        ({"name": "Mine", "cls": "x y"}, "must name a class, such as seedbed.model.encoders.CNN or my_module.MyEnc"),
        ({"name": "own_module.deep"}, "cannot import own_module.deep: ModuleNotFoundError"),
    ],
)
def test_a_class_that_cannot_be_used_is_refused_in_one_line(own, settings, line):
    assert line in line_of(own, f"plugins=[{settings.get('module', 'own_module')}]", **settings)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("[no_such_module]", "plugins=[no_such_module]: no module no_such_module in "),
        ("[no/such.py]", "plugins=[no/such.py]: no such file"),
        ("[my-module]", "plugins=[my-module]: must be the name of a module or the path of a .py file"),
        ("{a: b}", "plugins"),
    ],
)
def test_a_module_that_is_not_found_is_refused_before_anything_is_read(own, value, line):
    assert line in line_of(own, f"plugins={value}")


def test_a_file_with_the_name_of_another_module_is_refused(own, tmp_path):
    line = line_of(own, "plugins=[./colorsys.py]", module="colorsys")
    assert "the name colorsys belongs to" in line
    assert line.endswith("rename colorsys.py")


@pytest.mark.parametrize("group", ["sampling", "training", "tracking", "dataset"])
def test_a_class_of_another_group_is_refused(own, tmp_path, group):
    own("plugins=[own_module]")
    with pytest.raises(InputError, match=f"{group}._target_=own_module.Mine .*: must name a class of seedbed"):
        study([*CSV, f"{group}._target_=own_module.Mine", "plugins=[own_module]"], single=True)


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("own_module", True), ("own_module:Mine", True), ("own_module : Mine [extra]", True),
        ("own_module:Other", False), ("own_module.deep", False), ("own_mod", False), ("???", False),
    ],
)  # fmt: skip
def test_an_entry_point_registers_a_module_or_one_class(own, tmp_path, monkeypatch, value, allowed):
    monkeypatch.setattr(plugins, "entry_points", lambda group: [EntryPoint("mine", value, group)])
    monkeypatch.syspath_prepend(tmp_path)
    if allowed:
        assert type(own().arms[0].encoder).__name__ == "Mine"
    else:
        assert "not a class of seedbed, nor of an installed plugin" in line_of(own)


def test_a_fingerprint_holds_the_code_of_a_plugin_or_its_version(own, tmp_path):
    def name(module, code):
        return described(own(f"plugins=[{module}]", module=module, code=code).arms[0].encoder)["class"]

    first, second = name("own_a", MINE), name("own_b", f"{MINE}\n# changed\n")
    assert first.startswith("own_a.Mine@")
    assert second.startswith("own_b.Mine@")
    assert first.partition("@")[2] != second.partition("@")[2]
    versioned = MINE.replace("scale: float = 1.0", "scale: float = 1.0\n    version: ClassVar[int] = 2")
    assert name("own_c", versioned) == "own_c.Mine@2"


def test_a_plugin_of_the_name_of_a_class_of_seedbed_is_another(own):
    code = MINE.replace("class Mine(CNN)", "class CNN(CNN)").replace("(CNN):\n    one", "(CNN):\n    one")
    checked = own("plugins=[own_same]", module="own_same", cls="CNN", code=code)
    assert checked.arms[0].settings["encoder.class"].startswith("own_same.CNN@")
    from seedbed.model.encoders import CNN

    assert described(CNN())["class"] == "CNN"
