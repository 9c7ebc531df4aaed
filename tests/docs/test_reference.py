"""The generated pages of the reference: every command, option and key is on them."""

import dataclasses
import importlib
import importlib.util
import re
from pathlib import Path

import pytest
import yaml

import seedbed
from seedbed.cli.main import COMMANDS
from seedbed.config.schema import GROUPS, StudyKeys

ROOT = Path(__file__).parents[2]


def load_hooks():
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "docs/hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOKS = load_hooks()


@pytest.fixture(scope="module")
def commands_page():
    return HOOKS.on_page_markdown((ROOT / "docs/reference/commands.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def settings_page():
    return HOOKS.on_page_markdown((ROOT / "docs/reference/settings.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_on_the_page_with_its_options_and_examples(name, commands_page):
    section = commands_page.split(f"\n## seedbed {name}\n")[1].split("\n## ")[0]
    parser = importlib.import_module(f"seedbed.cli.{name}").PARSER
    assert " ".join(parser.description.split()) in " ".join(re.sub(r"```(text)?|\\\\", "", section).split())
    for action in parser._actions:
        assert f"`{', '.join(action.option_strings) or action.metavar}`" in section
    for line in parser.epilog.removeprefix("examples:\n").splitlines():
        assert line.strip() in section


def test_every_key_of_a_study_is_on_the_page(settings_page):
    section = settings_page.split("## Keys of a study")[1].split("\n## ")[0]
    shown = set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
    config = yaml.safe_load((ROOT / "conf/config.yaml").read_text(encoding="utf-8"))
    assert shown >= {field.name for field in dataclasses.fields(StudyKeys)} | {"experiment"}
    assert shown >= set(config) - {"defaults", "hydra"}


@pytest.mark.parametrize("file", sorted(file for group in GROUPS for file in (ROOT / "conf" / group).glob("*.yaml")),
                         ids=lambda file: f"{file.parent.name}-{file.stem}")  # fmt: skip
def test_every_option_and_every_key_of_its_class_are_on_the_page(file, settings_page):
    group = file.parent.name
    section = settings_page.split(f"\n## {group}\n")[1].split("\n## ")[0]
    assert f"| `{group}={file.stem}` |" in section
    assert f'??? note "conf/{group}/{file.name}"' in section
    for path, dotted in HOOKS.targets(file).items():
        module, _, name = dotted.rpartition(".")
        for field in dataclasses.fields(getattr(importlib.import_module(module), name)):
            key = field.name if path.startswith("parts") else f"{path}.{field.name}".lstrip(".")
            assert f"| `{group}.{key}` |" in section


def test_every_key_of_pretrain_is_on_the_page(settings_page):
    section = settings_page.split("## Keys of `seedbed pretrain`")[1]
    config = yaml.safe_load((ROOT / "conf/pretrain.yaml").read_text(encoding="utf-8"))
    assert {key for key in config if f"| `{key}` |" not in section} == {"defaults", "hydra"}


def test_comments_of_a_config_file_become_the_meaning(settings_page):
    row = next(line for line in settings_page.splitlines() if line.startswith("| `training.patience` |"))
    assert "| `int or None` | `3` |" in row
    assert "null: off" in row


@pytest.mark.parametrize("name", sorted({*seedbed.__all__} - {"__version__"}))
def test_every_name_of_the_python_api_is_on_its_page(name):
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    assert re.search(rf"^::: seedbed\.\w+\.{name}$", page, re.MULTILINE)


def test_the_quickstart_table_is_that_of_readme():
    page = (ROOT / "docs/start/quickstart.md").read_text(encoding="utf-8")
    assert "| 200 | glove_elmo | 67.46 (2.45) |" in HOOKS.on_page_markdown(page)


@pytest.mark.parametrize("name", ["index.md", *[f"start/{n}.md" for n in ("install", "first", "quickstart", "report")]])
def test_the_first_pages_are_in_the_navigation(name):
    assert name in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if page not in nav} == set()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/development/adding.md", "docs/development/traps.md"])
def test_modules_that_a_page_names_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    names = re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.(?:py|yaml))`", text)
    assert [name for name in names if not any((base / name).exists() for base in (ROOT, ROOT / "src/seedbed"))] == []
