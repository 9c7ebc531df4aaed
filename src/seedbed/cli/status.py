"""``seedbed status``."""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seedbed.cli.arguments import command, refuse_others
from seedbed.errors import InputError

if TYPE_CHECKING:
    from rich.text import Text

    from seedbed.tracking.leases import Keeper
    from seedbed.tracking.store import Store

WATCH_S = 2.0
"""How often --watch looks, seconds."""
PARSER = command(
    "status",
    "Show how far a study is: each arm at each size with a sign for each replicate, # finished, > running, x failed,\n"
    "! interrupted, . missing; which processes train now; and totals. Without STUDY, all studies of the store.\n"
    "Runs that killed processes left running are closed as interrupted. Other keys: tracking.uri=URI.",
    "  seedbed status\n  seedbed status quickstart\n  seedbed status quickstart --watch\n"
    "  seedbed status quickstart --json tracking.uri=sqlite:////data/mlflow.db",
)
PARSER.add_argument("--json", action="store_true", help="print JSON: counts, and each cell with its state and worker")
PARSER.add_argument(
    "--watch", metavar="SECONDS", nargs="?", type=float, const=WATCH_S,
    help=f"show it again each SECONDS ({WATCH_S:.0f}) until every cell is finished or failed, or Ctrl-C",
)  # fmt: skip
PARSER.add_argument("study", nargs="?", metavar="STUDY", help="the name of a study; by default all")
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help="tracking.uri, tracking.experiment")


def main(arguments: Sequence[str]) -> int:
    """Print the status once, or again and again."""
    options = PARSER.parse_intermixed_args(arguments)
    words = [word for word in (options.study, *options.keys) if word is not None]
    settings = [word for word in words if "=" in word]
    names = [word for word in words if "=" not in word]
    refuse_others(settings, ("tracking",), "status")
    if len(names) > 1:
        raise InputError(f"command line: {' '.join(names)}: give the name of one study")
    if options.watch is not None and not 0 < options.watch < 1e6:
        raise InputError(f"--watch {options.watch:g}: give seconds above 0")
    from seedbed.studies.reading import open_for_reading
    from seedbed.tracking.leases import keeper_of

    store = open_for_reading(settings)
    asked = store, keeper_of(store), names[0] if names else None
    if options.watch is None:
        _print(*asked, options.json)
    else:
        _watch(*asked, options.json, options.watch)
    return 0


def _print(store: "Store", keeper: "Keeper", study: str | None, as_json: bool) -> bool:
    """Print the status; return whether nothing is left to do."""
    if as_json:
        content, settled = _json(store, keeper, study)
        print(json.dumps(content, ensure_ascii=False))
        return settled
    from rich.console import Console

    text, settled = _text(store, keeper, study)
    Console().print(text, soft_wrap=True)
    return settled


def _watch(store: "Store", keeper: "Keeper", study: str | None, as_json: bool, seconds: float) -> None:
    from rich.console import Console

    console = Console()
    if as_json or not console.is_terminal:
        while not _print(store, keeper, study, as_json):
            time.sleep(seconds)
        return
    from rich.live import Live

    with Live(console=console, auto_refresh=False) as live:
        while True:
            text, settled = _text(store, keeper, study)
            live.update(text, refresh=True)
            if settled:
                return
            time.sleep(seconds)


def _text(store: "Store", keeper: "Keeper", study: str | None) -> "tuple[Text, bool]":
    from rich.text import Text

    from seedbed.studies.status import grid, is_settled, studies_of, study_status, totals, workers

    text = Text()
    if study is None:
        counted = studies_of(store, keeper)
        width = max(map(len, counted), default=0)
        for name, counts in counted.items():
            text.append(f"{name:<{width}}  {totals(counts)}\n")
        if not counted:
            text.append(f"no study in {store.tracking.shown_address} yet\n")
        text.rstrip()
        return text, all(map(is_settled, counted.values()))
    status = study_status(store, keeper, study)
    for label, signs in grid(status):
        text.append(f"{label}  ")
        for sign, state in signs:
            text.append(sign, style=_STYLES[state])
        text.append("\n")
    text.append(totals(status.counts))
    for holder, n in workers(status):
        since = datetime.fromtimestamp(holder.since).strftime("%Y-%m-%d %H:%M:%S")
        text.append(f"\n{holder}: {n} running, process since {since}")
    return text, is_settled(status.counts)


_STYLES = {"finished": "green", "running": "cyan", "failed": "red", "interrupted": "yellow", "missing": "dim"}


def _json(store: "Store", keeper: "Keeper", study: str | None) -> tuple[dict[str, Any], bool]:  # Any: JSON
    from seedbed.studies.status import is_settled, studies_of, study_status

    head: dict[str, Any] = {"store": store.tracking.shown_address}
    if study is None:
        counted = studies_of(store, keeper)
        settled = all(map(is_settled, counted.values()))
        return head | {"studies": [{"study": name, "counts": counts} for name, counts in counted.items()]}, settled
    status = study_status(store, keeper, study)
    cells = [
        {
            "dataset": one.dataset, "arm": one.arm, "n_train": one.n_train, "setting": one.setting,
            "replicate": one.replicate, "cell": one.cell, "state": one.state,
        }
        | ({"host": one.holder.host, "pid": one.holder.pid, "worker": one.holder.name, "since": one.holder.since,
            "beat": one.holder.beat} if one.holder else {})
        for one in status.cells
    ]  # fmt: skip
    return head | {"study": study, "counts": status.counts, "cells": cells}, is_settled(status.counts)
