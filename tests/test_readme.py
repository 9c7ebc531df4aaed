"""README and docs: every command parses and composes, every link has a target, lengths are bounded."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from seedbed.cli import (
    cache,
    compare,
    data,
    doctor,
    embed,
    explore_settings,
    export,
    labels,
    lint,
    predict,
    pretrain,
    report,
    reproduce,
    run,
    ship,
    show,
    status,
    sweep,
    sync,
)
from seedbed.cli.arguments import key_values
from seedbed.cli.main import COMMANDS, main
from seedbed.config.chosen_launcher import without_launching
from seedbed.config.schema import GROUPS
from seedbed.config.study import study
from seedbed.config.sweep import is_sweep, trial_jobs
from seedbed.studies.labels import PROTOCOL
from seedbed.studies.pretraining import pretraining

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PUBLISHED = "report from=docs/published/imdb_elmo_200.csv output=published -v"


def blocks(text, language):
    return [content for name, content in BLOCK.findall(text) if name == language]


def commands(pages):
    """``(environment, words)`` of each command line of seedbed in the shell blocks of these pages, each once."""
    found = {}
    for page in pages:
        for block in blocks(page.read_text(encoding="utf-8"), "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                before = next((n for n, word in enumerate(words) if not re.match(r"[A-Z_]+=", word)), len(words))
                if words[before : before + 1] == ["seedbed"]:
                    environment = dict(word.split("=", 1) for word in words[:before])
                    found[" ".join(words)] = (environment, words[before + 1 :])
    return found


ALL = commands(PAGES)
OF_README = commands(PAGES[:1])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with what the commands expect: the repository's sweeps and docs, and the YAML files of the pages."""
    for name in ("sweeps", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    for block in (block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"), "yaml")):
        name = re.search(r"^# (\S+\.yaml)\b", block, re.MULTILINE)
        if not name:
            continue
        file = tmp_path / name[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=() if line in OF_README else pytest.mark.slow) for line in ALL]
)
def test_every_command_parses_and_composes(line, place, monkeypatch):
    environment, (command, *words) = ALL[line]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert CHECKS[command](words)


def check_whole_study(words):
    given = compare.PARSER.parse_args(words)
    return study(without_launching(given.settings), given.config_dir).arms


def check_lint(words):
    given = lint.PARSER.parse_intermixed_args(words)
    return given.rules or study(given.settings, given.config_dir).arms


def check_run(words):
    given = run.PARSER.parse_intermixed_args(words)
    for launcher in [word.split("=")[1] for word in words if word.startswith("hydra/launcher=")]:
        pytest.importorskip(f"hydra_plugins.hydra_{launcher}_launcher", reason=f"the extra {launcher} is not installed")
    if given.multirun or is_sweep(given.settings, given.config_dir):
        jobs = list(trial_jobs(given.settings, given.config_dir))
        assert len(jobs) > 1
    else:
        jobs = [given.settings]
    return all(len(study(job, given.config_dir, single=True).arms) == 1 for job in jobs)


def check_report(words):
    return key_values(report.PARSER.parse_args(words).keys, report.KEYS) is not None


def check_status(words):
    return status.PARSER.parse_intermixed_args(words) is not None


def check_sweep(words):
    given = sweep.PARSER.parse_args(words)
    return given.action in sweep.ACTIONS and key_values(given.keys, sweep.KEYS)


def check_reproduce(words):
    parsed = reproduce.parse(words)
    is_study = parsed.table is not None and parsed.table.command == "compare"
    return not is_study or study([*parsed.table.settings, *parsed.settings], parsed.config_dir).arms


def check_data(words):
    given = data.PARSER.parse_args(words)
    names = [name for name in given.names if "=" not in name]
    assert {*names} <= {*data.datasets(), *data.GENERIC}
    settings = [word for word in given.names if "=" in word and not word.startswith(("output=", "format="))]
    return all(data.dataset(name, settings) for name in names)


def check_doctor(words):
    return key_values(doctor.PARSER.parse_args(words).keys, doctor.KEYS) is not None


def check_embed(words):
    given = embed.PARSER.parse_intermixed_args(words)
    return embed.parse(given.settings, given.config_dir).models


def check_export(words):
    given = export.PARSER.parse_intermixed_args(words)
    return export.parse(given.settings, given.config_dir).output


def check_explore(words):
    return explore_settings.parse_settings(words).word


def check_pretrain(words):
    return pretraining(pretrain.PARSER.parse_intermixed_args(words).settings).training


def check_cache(words):
    given = cache.PARSER.parse_intermixed_args(words)
    return key_values(given.settings, ("model",)) is not None


def check_labels(words):
    given = labels.PARSER.parse_intermixed_args(words)
    settings = [word for word in given.settings if word.partition("=")[0] not in labels.OWN]
    if any(word.startswith("study=") for word in settings):
        return key_values(settings, labels.STORED) is not None
    return study([f"protocol={PROTOCOL}", *settings], given.config_dir).arms


CHECKS = {
    "embed": check_embed,
    "explore": check_explore,
    "pretrain": check_pretrain,
    "export": check_export,
    "cache": check_cache,
    "compare": check_whole_study,
    "show": check_whole_study,
    "labels": check_labels,
    "lint": check_lint,
    "run": check_run,
    "report": check_report,
    "status": check_status,
    "sweep": check_sweep,
    "reproduce": check_reproduce,
    "data": check_data,
    "doctor": check_doctor,
    "predict": lambda words: predict.parsed(predict.PARSER.parse_intermixed_args(words).keys) is not None,
    "ship": lambda words: ship.parsed(ship.PARSER.parse_intermixed_args(words).keys) is not None,
    "sync": lambda words: key_values(sync.PARSER.parse_intermixed_args(words).keys, sync.KEYS) is not None,
}


def test_there_is_a_check_and_a_parser_for_every_command():
    assert set(CHECKS) == set(COMMANDS)
    assert show.PARSER.parse_args(["encoder=cnn"]).settings == compare.PARSER.parse_args(["encoder=cnn"]).settings


@pytest.mark.parametrize("line", [line for line in ALL if line.startswith("seedbed show")])
def test_show_commands_print_a_config(line, place, capsys):
    assert main(ALL[line][1]) == 0
    assert set(GROUPS) <= set(yaml.safe_load(capsys.readouterr().out))


@pytest.mark.slow
def test_data_list_prints_every_data_set(place, capsys):
    assert main(["data", "list"]) == 0
    shown = {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:] if not line.startswith(" ")}
    assert set(data.datasets()) <= shown


def test_the_report_on_published_accuracies_has_the_numbers_of_its_page(place, capsys):
    page = (ROOT / "docs/published.md").read_text(encoding="utf-8")
    assert f"seedbed {PUBLISHED}" in page
    assert main(PUBLISHED.split()) == 0
    out = capsys.readouterr().out
    for number in ("10.42", "2.93 to 18.33", "5.16 to 17.82", "0.0039"):
        assert number in out
        assert number in page
    assert (place / "published/report/index.html").is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named_and_shown(command):
    assert f"`{command}`" in README
    assert any(words[0] == command for _, words in ALL.values())


def test_every_data_set_is_in_the_table():
    table = (ROOT / "docs/reference/datasets.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([^`]+)`", row)} == {*data.datasets(), *data.GENERIC}


@pytest.mark.parametrize("folder", ["conf/experiment", "sweeps"])
def test_every_experiment_and_sweep_is_named(folder):
    page = "guides/study.md" if folder.startswith("conf") else "guides/machines.md"
    for file in (ROOT / folder).glob("*.yaml"):
        assert f"`{file.stem}`" in (ROOT / "docs" / page).read_text(encoding="utf-8")
        if folder.startswith("conf"):
            assert f"`{file.stem}`" in (ROOT / "docs/protocols.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_and_pictures_exist(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_the_table_of_the_quickstart_is_marked_and_has_both_sizes():
    table = README.split("<!-- quickstart table -->")[1].split("<!-- end of quickstart table -->")[0]
    assert list(dict.fromkeys(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))) == ["50", "200"]


@pytest.mark.parametrize(("name", "longest"), [("README.md", 150), ("CONTRIBUTING.md", 80)])
def test_the_first_pages_are_short(name, longest):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= longest


@pytest.mark.parametrize("word", ["arm", "draw", "replicate", "cell", "floor"])
def test_the_words_of_seedbed_are_defined_where_they_first_appear(word):
    for page in ("README.md", "docs/index.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        prose = re.sub(r"<img.*?>|!\[.*?\]\(.*?\)", "", text, flags=re.DOTALL)
        assert re.search(rf"\*\*{word}\*\*|\b{word}s?\b", prose)[0] == f"**{word}**"
