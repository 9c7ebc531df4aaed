"""``seedbed reproduce``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, takes_settings
from seedbed.config.schema import Stage
from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed.studies.needs import Need

LIST, SHOW = "list", "show"

PARSER = command(
    "reproduce",
    "Run published experiments, and compare the scores with the published ones.\n\n"
    "  list        each experiment: what it runs, what it needs and whether that is present, and what is published\n"
    "  show NAME   the published scores, with their source and the known differences of protocol; trains nothing\n"
    "  NAME        run it, as `seedbed compare` (or `explore`) does, with the settings that follow; prints\n"
    "              whether the mean is inside, above or below the published spread\n\n"
    "Tables of published scores are in conf/published_numbers, and in published_numbers/ of --config-dir.",
    "  seedbed reproduce list\n"
    "  seedbed reproduce show imdb_elmo_200\n"
    "  seedbed reproduce imdb_static_200 embedding=glove protocol=corrected\n"
    "  seedbed reproduce twitter_ner_bilstm replicates=3",
)
PARSER.add_argument("name", metavar="NAME", help="list | show NAME | NAME of an experiment")
takes_settings(PARSER)  # after the name


@dataclass(frozen=True)
class Request:
    """The parsed words: ``LIST``, ``SHOW`` or empty to run; the table with its name, and further settings."""

    action: str
    name: str
    table: Stage
    settings: tuple[str, ...]
    config_dir: str | None


def main(arguments: Sequence[str]) -> int:
    """List, show or run."""
    request = parse(arguments)
    if request.action == LIST:
        return _list(request.config_dir)
    if request.action == SHOW:
        return _show(request)
    return _run(request)


def parse(arguments: Sequence[str]) -> Request:
    """Parse the words and read the table that they name. Raises InputError."""
    options = PARSER.parse_intermixed_args(arguments)
    words = list(options.settings)
    if options.name == LIST:
        if words:
            raise InputError(f"seedbed reproduce list: takes no {words[0]!r}")
        return Request(LIST, "", None, (), options.config_dir)
    action, name = "", options.name
    if options.name == SHOW:
        if len(words) != 1:
            raise InputError("reproduce show: name one table; `seedbed reproduce list` lists them")
        action, name, words = SHOW, words[0], []
    table = _table(name, options.config_dir)
    if not action and not table.command:
        raise InputError(
            f"reproduce {name}: these are published scores without an experiment here; `seedbed reproduce show {name}` "
            f"prints them, and published={name} shows them next to your own study"
        )
    return Request(action, name, table, tuple(words), options.config_dir)


def _table(name: str, config_dir: str | None) -> Stage:
    from seedbed.config.published import published_table, table_files

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
            console.print("\n".join([name, *(f"  {line}" for line in _described(name, table, config_dir))]))
    others = [name for name, table in tables.items() if not table.command]
    console.print(f"published scores without an experiment here, for published=NAME: {', '.join(others)}")
    return 0


def _described(name: str, table: Stage, config_dir: str | None) -> Iterator[str]:
    """Yield the lines of the list about one experiment."""
    if table.document:
        yield f"document   {table.document}"
    yield f"runs       seedbed {table.command} {' '.join(table.settings)}"
    needs = _needs(table, table.settings, config_dir)
    for title, of_kind in needs.items():
        if of_kind:
            yield f"{title:10} {'; '.join(map(str, of_kind))}"
    yield f"published  {_counted(table)}{': ' + table.note if table.note else ''}"
    if any(need.missing for need in needs["vectors"]) and table.stand_in:
        yield f"instead    {_instead(name, table)}"


def _counted(table: Stage) -> str:
    values = sum(len(row.values) for row in table.rows.values())
    single = f", {values} single values in them" if values else ""
    return f"{len(table.rows)} score{'s' * (len(table.rows) != 1)}{single}" if table.rows else "no score"


def _instead(name: str, table: Stage) -> str:
    return f"seedbed reproduce {name} {' '.join(table.stand_in)}"


def _needs(table: Stage, settings: Sequence[str], config_dir: str | None) -> "Mapping[str, list[Need]]":
    """Return the data sets and vectors of an experiment with these settings."""
    from seedbed.studies.needs import data_needs, vector_needs

    if table.command == "explore":
        from seedbed.cli.explore_settings import parse_settings

        explored = parse_settings(settings, config_dir)
        datasets = [] if isinstance(explored.sentences, Path) else [explored.sentences]
        return {"data": data_needs(datasets), "vectors": vector_needs([explored.embedding, explored.static])}
    from seedbed.config.study import study

    arms = study(settings, config_dir).arms
    return {"data": data_needs(arm.dataset for arm in arms), "vectors": vector_needs(arm.embedding for arm in arms)}


def _show(request: Request) -> int:
    from seedbed.report.analysis.published_scores import Published
    from seedbed.report.pages.terminal import rich_table
    from seedbed.report.sections.published import paired_lines, published_rows, row_lines

    table, console = request.table, _console()
    if table.rows:
        console.print(rich_table(published_rows(table), console.width))
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
        console.print(f"to run it: seedbed reproduce {request.name}")
    return 0


_MISSING_VECTORS = ("cannot be fetched", "not found")
"""Parts of the messages about vectors that are not on this machine."""


def _run(request: Request) -> int:
    from seedbed.progress.study import StudyProgress

    table = request.table
    settings = [*table.settings, *request.settings]
    missing = [need for need in _needs(table, settings, request.config_dir)["vectors"] if need.missing]
    if missing:
        StudyProgress().log(
            f"{', '.join(need.name for need in missing)}: not on this machine, so downloaded where that is possible"
        )
    config = ["--config-dir", request.config_dir] if request.config_dir else []
    try:
        if table.command == "explore":
            from seedbed.cli import explore

            return explore.main([*settings, *config])
        from seedbed.cli import compare

        return compare.main([*table.settings, f"published={request.name}", *request.settings, *config])
    except InputError as error:
        if not missing or not table.stand_in or not any(words in str(error) for words in _MISSING_VECTORS):
            raise
        raise InputError(f"{error}; with other vectors: {_instead(request.name, table)}") from error


def _console() -> "Console":
    from rich.console import Console

    return Console(markup=False, highlight=False, soft_wrap=True)
