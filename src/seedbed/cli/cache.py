"""``seedbed cache``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, key_values
from seedbed.errors import InputError

ACTIONS = {
    "stats": "sentences, tokens and megabytes of each model; the folder of the cache, and its limit",
    "verify": "read every sentence; remove damaged ones (they are computed again when needed)",
    "clear": "remove all entries, or those of one model",
}

PARSER = command(
    "cache",
    "The cache of contextual vectors: each sentence of each model is computed once.\n\n"
    + "\n".join(f"  {name:7} {line}" for name, line in ACTIONS.items())
    + "\n\n  model=NAME  with `clear`: one model, by its name or the start of its digest, as printed by `stats`\n\n"
    "The cache is the folder layers in $SEEDBED_CACHE, else in the user's cache. embedding.cache_gb sets its limit.\n"
    "Exit code 1 if `verify` or `stats` finds damage.",
    "  seedbed cache stats\n  seedbed cache verify\n  seedbed cache clear model=elmo-tiny/model",
)
PARSER.add_argument("action", choices=ACTIONS, metavar="ACTION", help=" | ".join(ACTIONS))
PARSER.add_argument("settings", nargs="*", metavar="KEY=VALUE", default=[], help="model=NAME")


def main(arguments: Sequence[str]) -> int:
    """Run one of the actions."""
    options = PARSER.parse_intermixed_args(arguments)
    keys = key_values(options.settings, ("model",))
    if keys and options.action != "clear":
        raise InputError(f"seedbed cache {options.action}: takes no model=; `clear` does")
    return {"stats": _stats, "verify": _verify, "clear": lambda: _clear(keys)}[options.action]()


def _stats() -> int:
    from rich.console import Console
    from rich.table import Table

    from seedbed.embeddings.layer_cache.maintenance import stats

    cache = stats()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if cache.models:
        table = Table(box=None, pad_edge=False)
        for column in ("model", "digest", "sentences", "tokens", "MB"):
            table.add_column(column, justify="left" if column in ("model", "digest") else "right", overflow="fold")
        for model in cache.models:
            sizes = (f"{model.sentences:,}", f"{model.tokens:,}", f"{model.bytes / 1e6:,.1f}")
            table.add_row(_plain(model.name), model.digest[:12], *sizes)
        Console().print(table)
        limit = f"{cache.bytes / 1e6:,.1f} MB of {cache.limit / 1e9:.3g} GB (the limit when it was last filled)"
        console.print(f"{cache.folder}: {limit}")
    else:
        console.print(f"{cache.folder}: empty")
    for path in cache.set_aside:
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        console.print(f"{path}: {size / 1e6:,.1f} MB, damaged and set aside; `seedbed cache clear` removes it")
    return int(cache.was_damaged)


def _verify() -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from seedbed.embeddings.layer_cache.maintenance import verify
    from seedbed.report.wording import count

    console = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=None)
        result = verify(lambda done, of: bar.update(task, completed=done, total=of) if done % 100 in (0, of) else None)
    print(f"{result.sentences - result.damaged:,} of {result.sentences:,} sentences are intact")
    if result.damaged:
        print(f"{result.damaged:,} were damaged and are removed: they are computed again when they are needed")
    if result.models:
        print(f"the entries of {count(result.models, 'model')} were damaged: they are computed again when needed")
    if result.set_aside:
        print("the whole cache was damaged and is set aside: everything is computed again when it is needed")
    return int(bool(result.damaged or result.models or result.set_aside))


def _clear(keys: dict[str, str]) -> int:
    from seedbed.embeddings.layer_cache.maintenance import clear

    if "model" in keys and not keys["model"]:
        raise InputError("model=: name the model; without model= everything is cleared")
    removed = clear(keys.get("model", ""))
    for model in removed:
        print(f"{model.name} ({model.digest[:12]}): {model.sentences:,} sentences, {model.bytes / 1e6:,.1f} MB removed")
    if not removed:
        print("the cache is empty")
    return 0


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
