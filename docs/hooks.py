"""Fill the reference pages of the site from the parsers of the commands, the classes of the configs and conf/ itself.

MkDocs calls ``on_page_markdown``. What is between ``<!-- generated: commands -->`` and ``<!-- end -->`` is replaced.
"""

import dataclasses
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
CONF = ROOT / "conf"
SETTING = re.compile(
    r"""^(?P<indent>\ *)(?P<key>[\w."'-]+):(?:\s+(?P<value>"[^"]*"|.*?))?(?:\s+\#\s*(?P<comment>.*))?$""", re.VERBOSE
)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page with its generated parts filled in."""
    return re.sub(
        r"<!-- generated: (\w+) -->.*?<!-- end -->", lambda match: PARTS[match[1]](), markdown, flags=re.DOTALL
    )


def commands() -> str:
    """Return the section of every command: what its parser says in ``--help``."""
    from seedbed.cli.main import COMMANDS

    index = ["| command | what it does |", "|---|---|"]
    index += [f"| [`seedbed {name}`](#seedbed-{name}) | {line} |" for name, line in COMMANDS.items()]
    return "\n".join(index) + "\n\n" + "\n\n".join(command(name, line) for name, line in COMMANDS.items())


def command(name: str, line: str) -> str:
    """Return the section of one command."""
    parser = importlib.import_module(f"seedbed.cli.{name}").PARSER
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    rows = [
        f"| `{', '.join(action.option_strings) or action.metavar}` | {cell(action.help or '')} |"
        for action in parser._actions
    ]
    examples = re.sub(r"(?m)^ {2}", "", (parser.epilog or "").removeprefix("examples:\n"))
    return "\n".join([
        f"## seedbed {name}", "", f"{line[0].upper()}{line[1:]}.", "", "```text", usage, "```", "",
        *described(parser.description or ""), "| argument | meaning |", "|---|---|", *rows,
        "", "```sh", examples, "```",
    ])  # fmt: skip


def described(description: str) -> Iterator[str]:
    """Yield a description of a parser as Markdown: what it indents keeps its columns."""
    for paragraph in description.split("\n\n"):
        if "\n  " in f"\n{paragraph}":
            yield from ("```text", textwrap.dedent(paragraph), "```", "")
        else:
            yield from (re.sub(r"([<*])", r"\\\1", paragraph), "")


def settings() -> str:
    """Return the tables of all keys: those of a whole study, then those of each group with its choices."""
    from seedbed.config.schema import GROUPS, StudyKeys

    top = {row.key: row for row in setting_rows(CONF / "config.yaml")}
    types = annotations(f"{StudyKeys.__module__}.{StudyKeys.__name__}")
    names = [key for key in top if key not in ("defaults", "experiment") and key.partition(".")[0] != "hydra"]
    rows = [dataclasses.replace(top[name], type=types.get(name, "")) for name in names]
    parts = ["## Keys of a study", "", *table(rows)]
    parts += [f"| `experiment` | name | `null` | a whole study from `conf/experiment`: {choices('experiment')} |"]
    for group in GROUPS:
        parts += ["", f"## {group}", "", *group_part(group)]
    rows = [
        row for row in setting_rows(CONF / "pretrain.yaml") if row.key.partition(".")[0] not in ("defaults", "hydra")
    ]
    parts += ["", "## Keys of `seedbed pretrain`", "", *table(rows)]
    parts += [f"| `experiment` | | `null` | a recipe from `conf/pretraining`: {choices('pretraining')} |"]
    return "\n".join(parts)


def group_part(group: str) -> Iterator[str]:
    """Yield the lines of a group: its choices, a table of keys for each class, and every file as it is."""
    files = sorted((CONF / group).glob("*.yaml"))
    yield from ("| choice | what it is |", "|---|---|")
    yield from (f"| `{group}={file.stem}` | {cell(headline(file))} |" for file in files)
    by_class: dict[tuple[str, str], list[Path]] = {}
    for file in files:
        for path, dotted in targets(file).items():
            by_class.setdefault((path, dotted), []).append(file)
    for (path, dotted), same in sorted(by_class.items(), key=lambda item: item[0][0]):
        if path.startswith("parts"):
            continue  # each part is an embedding, with the keys of its own class
        prefix = f"{path}." if path else ""
        types = annotations(dotted)
        rows = merged(same, prefix)
        shown = [dataclasses.replace(rows.get(key, Row(key, "", "", "")), type=kind) for key, kind in types.items()]
        if not path:
            shown += [row for key, row in rows.items() if key.startswith(("files.", "held_out.")) and row.comment]
        label = ", ".join(f"`{file.stem}`" for file in same)
        part = f" of the {path}" if path else ""
        yield from (
            "",
            f"Keys{part} of {label} (defaults of `{same[0].stem}`):",
            "",
            *table(shown, f"{group}.{prefix}"),
        )
    for file in files:
        text = textwrap.indent(file.read_text(encoding="utf-8").rstrip("\n"), "    ")
        yield from ("", f'??? note "conf/{group}/{file.name}"', "", "    ```yaml", text, "    ```")


def merged(files: list[Path], prefix: str) -> dict[str, "Row"]:
    """Return the keys below a prefix: the values of the first file, and the first comment on each."""
    rows: dict[str, Row] = {}
    for file in files:
        for row in setting_rows(file):
            key = row.key.removeprefix(prefix)
            first = rows.setdefault(key, dataclasses.replace(row, key=key))
            rows[key] = first if first.comment else dataclasses.replace(first, comment=row.comment)
    return rows


@dataclasses.dataclass(frozen=True)
class Row:
    """A key of a config file, with its value and the comment behind it."""

    key: str
    value: str
    comment: str
    type: str


def setting_rows(file: Path) -> Iterator[Row]:
    """Yield the keys of a config file in order; those below another are ``reader.text_column``."""
    parents: list[tuple[int, str]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        match = SETTING.match(line)
        if not match or line.lstrip().startswith(("#", "-")):
            continue
        parents = [(depth, key) for depth, key in parents if depth < len(match["indent"])]
        path = ".".join([*(key for _, key in parents), match["key"].strip("\"'")])
        value = (match["value"] or "").strip()
        parents.append((len(match["indent"]), match["key"]))
        comment = (match["comment"] or "").strip()
        if value.startswith("#"):
            value, comment = "", value.lstrip("# ")
        if not path.endswith("_target_"):
            yield Row(path, value, comment, "")


def table(rows: list[Row], prefix: str = "") -> list[str]:
    """Return a Markdown table of keys."""
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for row in rows:
        value = f"`{shorten(row.value)}`" if row.value else ""
        kind = f"`{row.type}`" if row.type else ""
        lines.append(f"| `{prefix}{row.key}` | {cell(kind)} | {cell(value)} | {cell(row.comment)} |")
    return lines


def shorten(value: str, longest: int = 32) -> str:
    """Return a value without its middle where it is long, such as a URL."""
    return value if len(value) <= longest else f"{value[:16]}...{value[-12:]}"


def cell(text: str) -> str:
    """Return a text that may be a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def annotations(dotted: str) -> dict[str, str]:
    """Return the type of every field of a dataclass, named by module and class, as it is written."""
    module, _, name = dotted.rpartition(".")
    types = {}
    for field in dataclasses.fields(getattr(importlib.import_module(module), name)):
        written = field.type if isinstance(field.type, str) else inspect.formatannotation(field.type)
        types[field.name] = "" if written == "Any" else re.sub(r"\b(\w+\.)+", "", written).replace(" | ", " or ")
    return types


def targets(file: Path) -> dict[str, str]:
    """Return the classes that a config file describes, by the key of their node; its own by the empty key."""
    return dict(_targets(yaml.safe_load(file.read_text(encoding="utf-8")), ()))


def _targets(node: dict[str, object], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if key == "_target_":
            yield ".".join(path), str(value)
        elif isinstance(value, dict):
            yield from _targets(value, (*path, str(key)))


def headline(file: Path) -> str:
    """Return the comment at the top of a config file."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith(("# @", "#  ")):
            lines.append(line.lstrip("# "))
    return " ".join(lines)


def choices(group: str) -> str:
    """Return the names of a group's files."""
    return ", ".join(f"`{file.stem}`" for file in sorted((CONF / group).glob("*.yaml")))


def quickstart() -> str:
    """Return the table of the quickstart, which README has."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme.split("<!-- quickstart table -->")[1].split("<!-- end of quickstart table -->")[0].strip()


PARTS = {"commands": commands, "settings": settings, "quickstart": quickstart}
