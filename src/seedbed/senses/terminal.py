"""An exploration in the terminal: the layers, the nearest contexts of a few occurrences, and what was counted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.wording import sanitize
from seedbed.senses.exploration import Exploration
from seedbed.senses.occurrences import snippet_text
from seedbed.senses.picture import title_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHOWN = 3


def print_exploration(exploration: Exploration, console: "Console | None" = None) -> None:
    """Print the tables and the notes."""
    from rich.console import Console

    console = console or Console()
    console.print(_layers(exploration))
    for line in _nearest_lines(exploration):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for note in exploration.notes():
        console.print(f"! {note}", markup=False, highlight=False, soft_wrap=True)


def _layers(exploration: Exploration) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(title_of(exploration)), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False,
        collapse_padding=True,
    )  # fmt: skip
    for name in ("layer", "variance on axis 1", "on axis 2", *["silhouette"] * exploration.by_sense):
        table.add_column(name, justify="left" if name == "layer" else "right")
    for layer in exploration.layers:
        cells = ["all equal", "-"] if layer.distinct == 1 else [f"{share:.0%}" for share in layer.plane.shares]
        if exploration.by_sense:
            cells.append("-" if layer.silhouette is None else f"{layer.silhouette:.2f}")
        table.add_row("0 (token alone)" if layer.control else str(layer.number), *cells)
    return table


def _nearest_lines(exploration: Exploration) -> Iterator[str]:
    """The nearest context of the first occurrence of each group in each layer, and the nearest static words."""
    first = {group: exploration.group_numbers.index(n) for n, group in enumerate(exploration.groups)}
    chosen = list(first.values())[:_SHOWN]
    chosen += [n for n in range(len(exploration.occurrences)) if n not in chosen][: _SHOWN - len(chosen)]
    for n in sorted(chosen):
        yield _line(exploration, n)
        for layer in exploration.contextual:
            for near in layer.nearest[n][:1]:
                yield f"  layer {layer.number}: {layer.cosine(near)} {_line(exploration, near.number)}"
    if exploration.static is not None:
        for form in exploration.static.nearest:
            words = ", ".join(sanitize(word, 40) for word, _ in exploration.static.nearest[form])
            yield f"{exploration.static.table}, {sanitize(form, 40)}: {words}"


def _line(exploration: Exploration, number: int) -> str:
    own = exploration.occurrences[number]
    sense = f" [{sanitize(own.passage.sense, 30)}]" if own.passage.sense else ""
    return f"{sanitize(snippet_text(own, 56), 80)}{sense}"
