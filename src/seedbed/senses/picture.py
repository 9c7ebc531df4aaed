"""The picture of a word: a panel for each layer, points by sense, labeled with their context if there is room."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture, drawing
from seedbed.report.wording import sanitize
from seedbed.senses.exploration import NO_SENSE, Exploration, LayerView
from seedbed.senses.panels import MOST_LABELLED, Box, Panel, build_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TEXT = 8.5
_LARGE = Box(width=330, height=300, margin=(30, 34), point=9, text=_TEXT, snippet=34, fan=24)
_SMALL = Box(width=226, height=300, margin=(34, 34), point=9, text=_TEXT, snippet=20, fan=24)
"""In points (1/72 inch); the panel of the control is smaller."""
_GAP, _LEFT, _FOOT, _HEAD, _LEGEND_ROW, _NOTE_ROW = 26, 22, 30, 26, 16, 13
_ACROSS = 3
_SIDES = {"start": "left", "middle": "center", "end": "right"}


def styles_of(exploration: Exploration) -> dict[str, ArmStyle]:
    """Return a style for each group; occurrences without a sense are gray."""
    return arm_styles([group for group in exploration.groups if group != NO_SENSE]) | {
        NO_SENSE: ArmStyle("#7f7f7f", "o", "-")
    }


def layer_title(layer: LayerView) -> str:
    """Return the number of the layer, and the silhouette if there is one."""
    name = "Layer 0: token alone" if layer.control else f"Layer {layer.number}"
    return name if layer.silhouette is None else f"{name}, silhouette {signed(layer.silhouette)}"


def signed(number: float) -> str:
    """Return a number with two decimals and a minus sign."""
    return f"{number:.2f}".replace("-", "−")


def axis_titles(layer: LayerView) -> tuple[str, str]:
    """Return the title of each axis, with the variance that it explains."""
    x, y = (f"component {n} ({ratio * 100:.0f} %)" for n, ratio in enumerate(layer.plane.explained_variance, 1))
    return x, y


def senses_picture(exploration: Exploration) -> Picture:
    """Draw all panels; the same exploration gives the same bytes."""
    with drawing():
        figure = _figure(exploration)
        return Picture.of(figure, "senses", title_of(exploration), _described(exploration))


def title_of(exploration: Exploration) -> str:
    """Return the title of the picture."""
    return (
        f"“{sanitize(exploration.word, 40)}” in {len(exploration.occurrences):,} contexts, "
        f"{sanitize(exploration.model, 60)}"
    )


def _figure(exploration: Exploration) -> "Figure":
    from matplotlib.figure import Figure

    layers = exploration.panel_layers
    boxes = [_SMALL if layer.control else _LARGE for layer in layers]
    lines = [list(zip(layers, boxes, strict=True))[at : at + _ACROSS] for at in range(0, len(layers), _ACROSS)]
    width = max(sum(box.width + _GAP + _LEFT for _, box in line) for line in lines)
    head = _HEAD + _LEGEND_ROW * len(_legend_rows(exploration, width))
    row = _LARGE.height + _FOOT + _HEAD
    panels = {layer.number: build_panel(exploration, layer, box, _text_width(box.text))
              for layer, box in zip(layers, boxes, strict=True)}  # fmt: skip
    notes = _notes(exploration, panels.values())
    height = head + row * len(lines) + _NOTE_ROW * len(notes)
    figure = Figure(figsize=(width / 72, height / 72))
    for down, line in enumerate(lines):
        left = float(_LEFT)
        for layer, box in line:
            bottom = height - head - row * down - _HEAD - box.height
            axes = figure.add_axes((left / width, bottom / height, box.width / width, box.height / height))
            _draw(axes, exploration, panels[layer.number], box)
            left += box.width + _GAP + _LEFT
    figure.text(4 / width, 1 - 6 / height, title_of(exploration), va="top", weight="bold", fontsize=11)
    for up, note in enumerate(reversed(notes)):
        figure.text(4 / width, (5 + _NOTE_ROW * up) / height, note, va="bottom", fontsize=_TEXT, color=INK)
    _legend(figure, exploration, width, height)
    return figure


def _notes(exploration: Exploration, panels: Iterable[Panel]) -> list[str]:
    """A line for each thing that the picture leaves out or moves."""
    notes = [f"Layer {panel.layer.number}: {panel.note[:1].lower()}{panel.note[1:]}" for panel in panels if panel.note]
    if len(exploration.occurrences) > MOST_LABELLED:
        notes.append("Too many points for labels: senses.html has their sentences.")
    return notes


def _draw(axes: "Axes", exploration: Exploration, panel: Panel, box: Box) -> None:
    styles = styles_of(exploration)
    axes.set_xlim(0, box.width)
    axes.set_ylim(box.height, 0)
    axes.axvline(panel.middle[0], color=FAINT, lw=0.7, zorder=0)
    axes.axhline(panel.middle[1], color=FAINT, lw=0.7, zorder=0)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT)
    axes.set_title(layer_title(panel.layer), loc="left")
    across, along = axis_titles(panel.layer)
    axes.set_xlabel(across, fontsize=_TEXT)
    axes.set_ylabel(along, fontsize=_TEXT)
    many = len(panel.points) > 60
    for number, group in enumerate(exploration.groups):
        members = [n for n, other in enumerate(exploration.group_numbers) if other == number]
        style = styles[group]
        axes.scatter(
            *panel.points[members].T, s=(box.point - 2 * many) ** 2 * 0.6, color=style.colour, marker=style.marker,
            edgecolors="white", linewidths=0.5, alpha=0.8 if many else 1, zorder=3, clip_on=False,
        )  # fmt: skip
    for label in panel.labels:
        if label.leader:
            axes.plot(*zip(*label.leader, strict=True), color=FAINT, lw=0.8, zorder=1)
        at = {"ha": _SIDES[label.anchor], "va": "center_baseline"}
        axes.text(label.x, label.y, label.text, fontsize=box.text, color=INK, zorder=4, **at)


def _text_width(size: float) -> Callable[[str], float]:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    paths, font = TextToPath(), FontProperties(size=size)

    def measure(text: str) -> float:
        return float(paths.get_text_width_height_descent(text, font, False)[0])

    return measure


def _legend_rows(exploration: Exploration, width: float) -> list[list[str]]:
    """The groups in lines that fit; none for a single group."""
    if len(exploration.groups) < 2:
        return []
    rows: list[list[str]] = [[]]
    used = 0.0
    for group in exploration.groups:
        wide = 26 + _text_width(9)(_short(group))
        if rows[-1] and used + wide > width - 12:
            rows.append([])
            used = 0.0
        rows[-1].append(group)
        used += wide
    return rows


def _legend(figure: "Figure", exploration: Exploration, width: float, height: float) -> None:
    from matplotlib.lines import Line2D

    styles, measure = styles_of(exploration), _text_width(9)
    for down, row in enumerate(_legend_rows(exploration, width)):
        x, y = 10.0, height - _HEAD - _LEGEND_ROW * (down + 0.5)
        for group in row:
            style = styles[group]
            marker = Line2D(
                [x / width], [y / height], color=style.colour, marker=style.marker, linestyle="none", markersize=6
            )
            figure.add_artist(marker)
            figure.text((x + 8) / width, y / height, _short(group), va="center_baseline", fontsize=9)
            x += 26 + measure(_short(group))


def _short(group: str) -> str:
    return sanitize(group, 40)


def _described(exploration: Exploration) -> str:
    """Alternative text."""
    layers = [
        "layer {}: {:.0%} and {:.0%} of the variance".format(layer.number, *layer.plane.explained_variance)
        + ("" if layer.silhouette is None else f", silhouette {layer.silhouette:.2f}")
        for layer in exploration.panel_layers
    ]
    groups = ", ".join(_short(group) for group in exploration.groups[:12])
    return f"{title_of(exploration)}, as principal components; {'; '.join(layers)}. Points are grouped by {groups}."
