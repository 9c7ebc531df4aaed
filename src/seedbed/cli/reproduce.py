"""``seedbed reproduce``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.cli.arguments import command, takes_settings
from seedbed.errors import InputError

LIST, SHOW = "list", "show"

PARSER = command(
    "reproduce",
    "Experiments that somebody published, from their configs, and how the scores here compare.\n\n"
    "  list        each experiment: what it runs, what it needs and whether that is here, what is published\n"
    "  show NAME   the published scores, with their source and the known differences of protocol; trains nothing\n"
    "  NAME        run it, as `seedbed compare` (or `explore`) does, with settings to be changed behind it; ends\n"
    "              with the verdict: inside, above or below the published spread\n\n"
    "Tables of published scores are files of conf/published_numbers, and of published_numbers/ in --config-dir.",
    "  seedbed reproduce list\n"
    "  seedbed reproduce show imdb_elmo_200\n"
    "  seedbed reproduce imdb_static_200 embedding=glove protocol=corrected\n"
    "  seedbed reproduce twitter_ner_bilstm replicates=3",
)
PARSER.add_argument("name", metavar="NAME", help="list | show NAME | NAME of an experiment")
takes_settings(PARSER)  # behind the name


@dataclass(frozen=True)
class Asked:
    """What the words say: to ``LIST``, to ``SHOW`` or to run (empty); the table's name and the further settings."""

    action: str
    name: str
    table: Any
    settings: tuple[str, ...]
    config_dir: str | None


def main(arguments: Sequence[str]) -> int:
    """Do one of the three."""
    asked = ask(arguments)
    if asked.action == LIST:
        return _list(asked.config_dir)
    if asked.action == SHOW:
        return _show(asked)
    return _run(asked)


def ask(arguments: Sequence[str]) -> Asked:
    """Read the words, and the table that they name. Raises InputError."""
    given = PARSER.parse_intermixed_args(arguments)
    words = list(given.settings)
    if given.name == LIST:
        if words:
            raise InputError(f"seedbed reproduce list: takes no {words[0]!r}")
        return Asked(LIST, "", None, (), given.config_dir)
    action, name = "", given.name
    if given.name == SHOW:
        if len(words) != 1:
            raise InputError("reproduce show: name one table; `seedbed reproduce list` lists them")
        action, name, words = SHOW, words[0], []
    table = _table(name, given.config_dir)
    if not action and not table.command:
        raise InputError(
            f"reproduce {name}: these are published scores without an experiment here; `seedbed reproduce show {name}` "
            f"prints them, and published={name} puts them beside a study of one's own"
        )
    return Asked(action, name, table, tuple(words), given.config_dir)


def _table(name: str, config_dir: str | None) -> Any:
    from seedbed.config.published import published_table, table_files
    from seedbed.errors import nearest

    files = table_files(config_dir)
    if name not in files:
        raise InputError(f"reproduce {name}: no such experiment{nearest(name, files)}")
    return published_table(name, config_dir)


def _list(config_dir: str | None) -> int:
    from seedbed.config.published import published_table, table_files

    tables = {name: published_table(name, config_dir) for name in table_files(config_dir)}
    console = _console()
    for name, table in tables.items():
        if table.command:
            console.print("\n".join([name, *(f"  {line}" for line in _needed(name, table, config_dir))]))
    others = [name for name, table in tables.items() if not table.command]
    console.print(f"published scores without an experiment here, for published=NAME: {', '.join(others)}")
    return 0


def _needed(name: str, table: Any, config_dir: str | None) -> Iterator[str]:
    """What the list says of one experiment."""
    if table.document:
        yield f"document   {table.document}"
    yield f"runs       seedbed {table.command} {' '.join(table.settings)}"
    needs = _needs(table, table.settings, config_dir)
    for title, own in needs.items():
        if own:
            yield f"{title:10} {'; '.join(map(str, own))}"
    yield f"published  {_counted(table)}{': ' + table.note if table.note else ''}"
    if any(need.missing for need in needs["vectors"]) and table.stand_in:
        yield f"instead    {_instead(name, table)}"


def _counted(table: Any) -> str:
    values = sum(len(row.values) for row in table.rows.values())
    single = f", {values} single values in them" if values else ""
    return f"{len(table.rows)} score{'s' * (len(table.rows) != 1)}{single}" if table.rows else "no score"


def _instead(name: str, table: Any) -> str:
    return f"seedbed reproduce {name} {' '.join(table.stand_in)}"


def _needs(table: Any, settings: Sequence[str], config_dir: str | None) -> Mapping[str, list[Any]]:
    """The data sets and vectors of an experiment with these settings."""
    from seedbed.cli.needs import data_needs, vector_needs

    if table.command == "explore":
        from seedbed.cli.explore_settings import ask as ask_explore

        asked = ask_explore(settings, config_dir)
        return {"data": data_needs([asked.dataset] if asked.dataset else []),
                "vectors": vector_needs([asked.embedding, asked.static])}  # fmt: skip
    from seedbed.config.study import study

    arms = study(settings, config_dir).arms
    return {"data": data_needs(arm.dataset for arm in arms), "vectors": vector_needs(arm.embedding for arm in arms)}


def _show(asked: Asked) -> int:
    from seedbed.report.analysis.published_scores import Published
    from seedbed.report.pages.terminal import rich_table
    from seedbed.report.sections.published import paired_lines, published_rows, row_lines

    table, console = asked.table, _console()
    if table.rows:
        console.print(rich_table(published_rows(table)))
    else:
        console.print(table.title)
    for line in (*row_lines(table), *paired_lines(table)):
        console.print(line)
    for title in ("source", "protocol", "note"):
        if getattr(table, title):
            console.print(f"{title}: {getattr(table, title)}")
    if table.differences:
        console.print("known differences of protocol:")
    for line in Published(table, None).differences():
        console.print(f"  - {line}")
    if table.command:
        console.print(f"to run it: seedbed reproduce {asked.name}")
    return 0


_NOT_THERE = ("cannot be fetched", "not found")
"""What is said of vectors that are not on this machine."""


def _run(asked: Asked) -> int:
    from seedbed.progress.study import StudyProgress

    table = asked.table
    settings = [*table.settings, *asked.settings]
    missing = [need for need in _needs(table, settings, asked.config_dir)["vectors"] if need.missing]
    if missing:
        StudyProgress().log(
            f"{', '.join(need.name for need in missing)}: not on this machine, so downloaded where that is possible"
        )
    config = ["--config-dir", asked.config_dir] if asked.config_dir else []
    try:
        if table.command == "explore":
            from seedbed.cli import explore

            return explore.main([*settings, *config])
        from seedbed.cli import compare

        return compare.main([*table.settings, f"published={asked.name}", *asked.settings, *config])
    except InputError as error:
        if not missing or not table.stand_in or not any(words in str(error) for words in _NOT_THERE):
            raise
        raise InputError(f"{error}; with other vectors: {_instead(asked.name, table)}") from error


def _console() -> Any:
    from rich.console import Console

    return Console(markup=False, highlight=False, soft_wrap=True)
