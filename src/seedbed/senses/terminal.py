"""An exploration in the terminal: its layers, the nearest contexts of some occurrences, and its notes."""

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
    """Print the table of layers, the nearest contexts, and the notes."""
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
        cells = (
            ["all equal", "-"] if layer.distinct == 1 else [f"{ratio:.0%}" for ratio in layer.plane.explained_variance]
        )
        if exploration.by_sense:
            cells.append("-" if layer.silhouette is None else f"{layer.silhouette:.2f}")
        table.add_row("0 (token alone)" if layer.control else str(layer.number), *cells)
    return table


def _nearest_lines(exploration: Exploration) -> Iterator[str]:
    """Yield the nearest context of the first occurrence of each group in each layer, and the nearest static words."""
    first = {group: exploration.group_numbers.index(n) for n, group in enumerate(exploration.groups)}
    shown = list(first.values())[:_SHOWN]
    shown += [n for n in range(len(exploration.occurrences)) if n not in shown][: _SHOWN - len(shown)]
    for n in sorted(shown):
        yield _line(exploration, n)
        for layer in exploration.contextual_layers:
            for neighbor in layer.nearest[n][:1]:
                cosine = layer.format_cosine(neighbor)
                yield f"  layer {layer.number}: {cosine} {_line(exploration, neighbor.number)}"
    if exploration.static is not None:
        for form in exploration.static.nearest:
            words = ", ".join(sanitize(word, 40) for word, _ in exploration.static.nearest[form])
            yield f"{exploration.static.table}, {sanitize(form, 40)}: {words}"


def _line(exploration: Exploration, number: int) -> str:
    occurrence = exploration.occurrences[number]
    sense = f" [{sanitize(occurrence.passage.sense, 30)}]" if occurrence.passage.sense else ""
    return f"{sanitize(snippet_text(occurrence, 56), 80)}{sense}"
