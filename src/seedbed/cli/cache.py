"""``seedbed cache``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, key_values
from seedbed.errors import InputError

ACTIONS = {
    "stats": "of each model: sentences, tokens and megabytes; where the cache is, and its limit",
    "verify": "read every sentence; damaged ones are removed, and computed again when they are needed",
    "clear": "take out all entries, or those of one model",
}

PARSER = command(
    "cache",
    "The cache of contextual vectors: each sentence of each model is computed once.\n\n"
    + "\n".join(f"  {name:7} {line}" for name, line in ACTIONS.items())
    + "\n\n  model=NAME  of `clear`: one model, by its name or the start of its digest, as `stats` prints them\n\n"
    "It is in the folder layers of $SEEDBED_CACHE, else of the user's cache. embedding.cache_gb sets its limit.\n"
    "Exit codes: 1 where `verify` or `stats` found damage.",
    "  seedbed cache stats\n  seedbed cache verify\n  seedbed cache clear model=elmo-tiny/model",
)
PARSER.add_argument("action", choices=ACTIONS, metavar="ACTION", help=" | ".join(ACTIONS))
PARSER.add_argument("settings", nargs="*", metavar="KEY=VALUE", default=[], help="model=NAME")


def main(arguments: Sequence[str]) -> int:
    """Do one of the actions."""
    given = PARSER.parse_intermixed_args(arguments)
    keys = key_values(given.settings, ("model",))
    if keys and given.action != "clear":
        raise InputError(f"seedbed cache {given.action}: takes no model=; `clear` does")
    return {"stats": _stats, "verify": _verify, "clear": lambda: _clear(keys)}[given.action]()


def _stats() -> int:
    from rich.console import Console
    from rich.table import Table

    from seedbed.embeddings.layer_cache.maintenance import stats

    found = stats()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if found.models:
        table = Table(box=None, pad_edge=False)
        for column in ("model", "digest", "sentences", "tokens", "MB"):
            table.add_column(column, justify="left" if column in ("model", "digest") else "right", overflow="fold")
        for held in found.models:
            sizes = (f"{held.sentences:,}", f"{held.tokens:,}", f"{held.bytes / 1e6:,.1f}")
            table.add_row(_plain(held.name), held.digest[:12], *sizes)
        Console().print(table)
        limit = f"{found.bytes / 1e6:,.1f} MB of {found.limit / 1e9:.3g} GB (the limit when it was last filled)"
        console.print(f"{found.folder}: {limit}")
    else:
        console.print(f"{found.folder}: empty")
    for path in found.set_aside:
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        console.print(f"{path}: {size / 1e6:,.1f} MB, damaged and set aside; `seedbed cache clear` removes it")
    return int(found.found_damaged)


def _verify() -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from seedbed.embeddings.layer_cache.maintenance import verify
    from seedbed.report.wording import count

    console = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=None)
        found = verify(lambda done, of: bar.update(task, completed=done, total=of) if done % 100 in (0, of) else None)
    print(f"{found.sentences - found.damaged:,} of {found.sentences:,} sentences are whole")
    if found.damaged:
        print(f"{found.damaged:,} were damaged and are removed: they are computed again when they are needed")
    if found.models:
        print(f"what was known of {count(found.models, 'model')} was damaged: all is computed again when it is needed")
    if found.set_aside:
        print("the store was damaged as a whole and is set aside: everything is computed again when it is needed")
    return int(bool(found.damaged or found.models or found.set_aside))


def _clear(keys: dict[str, str]) -> int:
    from seedbed.embeddings.layer_cache.maintenance import clear

    if "model" in keys and not keys["model"]:
        raise InputError("model=: name the model; without model= everything is cleared")
    gone = clear(keys.get("model", ""))
    for held in gone:
        print(f"{held.name} ({held.digest[:12]}): {held.sentences:,} sentences, {held.bytes / 1e6:,.1f} MB removed")
    if not gone:
        print("the cache is empty")
    return 0


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
