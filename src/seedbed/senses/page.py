"""The page of a word: one offline HTML file. The template escapes all text from data; the script has no data."""

from collections.abc import Mapping
from pathlib import Path

from seedbed.report.pages.html import TEMPLATES as REPORT_TEMPLATES
from seedbed.report.pages.html import page_assets, template
from seedbed.report.wording import sanitize
from seedbed.senses.exploration import Exploration, LayerView
from seedbed.senses.occurrences import Occurrence, snippet_text
from seedbed.senses.panels import Box, Panel, build_panel
from seedbed.senses.picture import axis_titles, layer_title, signed, styles_of, title_of

TEMPLATES = Path(__file__).parent / "templates"
_BOX = Box(width=420, height=340, margin=(34, 36), point=11, text=12.5, snippet=34, fan=26)
_CONTEXT = 60
"""Characters of a neighbor's context in the table."""
_SHAPES = {
    "o": "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z",
    "s": "M-4.6,-4.6h9.2v9.2h-9.2z",
    "D": "M0,-6.4L6.4,0L0,6.4L-6.4,0z",
    "^": "M0,-5.8L5.8,4.8H-5.8z",
    "v": "M0,5.8L5.8,-4.8H-5.8z",
    "P": "M-2,-5.6h4v3.6h3.6v4h-3.6v3.6h-4v-3.6h-3.6v-4h3.6z",
    "X": "M-5.6,-3.2L-3.2,-5.6L0,-2.4L3.2,-5.6L5.6,-3.2L2.4,0L5.6,3.2L3.2,5.6L0,2.4L-3.2,5.6L-5.6,3.2L-2.4,0z",
}
"""The markers of the palette as SVG paths around the origin."""


def render_page(exploration: Exploration, about: Mapping[str, object]) -> str:
    """Return the page; ``about``: facts of the run, by name."""
    look = page_assets(
        (),
        (REPORT_TEMPLATES / "page.css", TEMPLATES / "senses.css"),
        (REPORT_TEMPLATES / "page.js", TEMPLATES / "senses.js"),
    )
    return template(TEMPLATES / "senses.html.j2").render(
        title=title_of(exploration),
        summary=_summary(exploration),
        notes=exploration.notes(),
        groups=_groups(exploration),
        panels=[_panel(exploration, layer) for layer in exploration.panel_layers],
        box=_BOX,
        signed=signed,
        layers=[_numbers(layer) for layer in exploration.layers],
        static=_static(exploration),
        contextual=[layer.number for layer in exploration.contextual_layers],
        occurrences=[_occurrence(exploration, n) for n in range(len(exploration.occurrences))],
        by_sense=exploration.by_sense,
        about=[(name, sanitize(content, 300)) for name, content in about.items()],
        **look,
    )


def _summary(exploration: Exploration) -> str:
    forms = ", ".join(sanitize(form, 40) for form in exploration.forms)
    return f"{sanitize(exploration.source)}: {len(exploration.occurrences):,} occurrences of {forms}. " \
           f"Vectors of {sanitize(exploration.model, 80)}."  # fmt: skip


def _groups(exploration: Exploration) -> list[dict[str, object]]:
    styles = styles_of(exploration)
    return [
        {
            "name": sanitize(group, 60),
            "colour": styles[group].colour,
            "shape": _SHAPES[styles[group].marker],
            "count": exploration.group_numbers.count(number),
        }
        for number, group in enumerate(exploration.groups)
    ]


def _panel(exploration: Exploration, layer: LayerView) -> dict[str, object]:
    panel: Panel = build_panel(exploration, layer, _BOX)
    across, along = axis_titles(layer)
    return {
        "layer": layer.number,
        "title": layer_title(layer),
        "across": across,
        "along": along,
        "middle": panel.middle,
        "points": panel.points.tolist(),
        "labels": panel.labels,
        "note": panel.note,
    }


def _numbers(layer: LayerView) -> dict[str, object]:
    return {
        "name": "0, the token alone" if layer.control else str(layer.number),
        "explained_variance": layer.plane.explained_variance,
        "silhouette": layer.silhouette,
        "distinct": layer.distinct,
    }


def _static(exploration: Exploration) -> dict[str, object] | None:
    if exploration.static is None:
        return None
    rows = [
        (sanitize(form, 60), [(sanitize(word, 40), cosine) for word, cosine in words])
        for form, words in exploration.static.nearest.items()
    ]
    return {"table": sanitize(exploration.static.table, 60), "rows": rows}


def _occurrence(exploration: Exploration, number: int) -> dict[str, object]:
    occurrence = exploration.occurrences[number]
    tokens, at = occurrence.passage.tokens, occurrence.position
    return {
        "number": number + 1,
        "group": exploration.group_numbers[number],
        "before": " ".join(tokens[:at]),
        "word": tokens[at],
        "behind": " ".join(tokens[at + 1 :]),
        "place": sanitize(occurrence.passage.location, 80),
        "nearest": [
            (layer.number, [(near.number + 1, layer.format_cosine(near), _context(exploration.occurrences[near.number]))
                            for near in layer.nearest[number]])
            for layer in exploration.contextual_layers
        ],
    }  # fmt: skip


def _context(occurrence: Occurrence) -> str:
    return snippet_text(occurrence, _CONTEXT)
