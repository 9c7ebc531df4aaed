"""The report as one offline HTML file. All text from data is escaped by the template."""

import base64
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.palette import N_COLORS, arm_styles
from seedbed.report.pictures.rendering import ANSWER, Picture
from seedbed.report.sections.about import about_sections
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.context import Section
from seedbed.report.sections.crossed_seeds import count_replicates
from seedbed.report.sections.headline import headline
from seedbed.report.sections.notices import notices
from seedbed.report.sections.ranking import ranked_table
from seedbed.report.sections.sentences import sentence_groups
from seedbed.report.sections.settings import protocol
from seedbed.report.statistics.sign_flips import EXACT_PAIRS, RESAMPLES, SEED
from seedbed.report.wording import count, sanitize, sentence

if TYPE_CHECKING:
    from jinja2 import Template

    from seedbed.report.analysis.analysis import Analysis

TEMPLATES = Path(__file__).parent / "templates"
LARGEST_INLINE_SVG = 200_000
"""Bytes; a larger picture goes into the page as PNG, unless that is larger still."""


def render_page(
    analysis: "Analysis",
    sections: Sequence[Section],
    pictures: Sequence[Picture],
    *,
    title: str,
    errors: str = "",
    above: str = "",
) -> str:
    """Return the HTML page; ``errors`` and ``above``: addresses of the error viewer and the overview, if any."""
    shown, in_sections = headline(analysis), {ANSWER, *(section.title for section in sections)}
    return template(TEMPLATES / "index.html.j2").render(
        title=sanitize(title),
        errors=errors,
        above=above,
        summary=_summary(analysis),
        headline=shown and replace(shown, text=_unbroken(shown.text)),
        notices=[_unbroken(text) for text in notices(analysis)],
        ranked=ranked_table(analysis),
        groups=[replace(group, lines=tuple(map(_unbroken, group.lines))) for group in sentence_groups(analysis)],
        warnings=warnings_of(analysis),
        protocol=protocol(analysis),
        sections=sections,
        about=about_sections(analysis.inputs, analysis.arms),
        pictures=[picture_on_page(picture, in_sections) for picture in pictures],
        **page_assets(analysis.arms, [TEMPLATES / "page.css"], [TEMPLATES / "page.js"]),
        seed=SEED,
        resamples=f"{RESAMPLES:,}",
        exact_pairs=EXACT_PAIRS,
    )


def page_assets(arms: Sequence[str], styles: Iterable[Path], scripts: Iterable[Path]) -> dict[str, object]:
    """Return the arm colors, style and script of a template, with the script's hash for the content security policy."""
    script = "\n".join(file.read_text("utf-8") for file in scripts)
    return {
        "colors": [style.color for style in arm_styles(arms).values()],
        "n_colors": N_COLORS,
        "style": "".join(file.read_text("utf-8") for file in styles),
        "script": script,
        "script_hash": base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
    }


def _summary(analysis: "Analysis") -> str:
    """Return a line on what was compared."""
    finished = int((analysis.table["status"] == "finished").sum())
    parts = [count(len(analysis.arms), "arm"), count(len(analysis.sizes), "size")]
    parts.append(count_replicates(analysis.crossed, analysis.table["replicate"].nunique()))
    total = len(analysis.table) + analysis.missing_number
    line = f"{sentence(', '.join(parts))}: {finished:,} of {total:,} cells finished."
    if "dataset" in analysis.table.columns:
        names = [sanitize(name, 60) for name in analysis.table["dataset"].dropna().unique() if str(name)]
        line = f"{', '.join(names[:5])}. {line}" if names else line
    return f"{line} Main score: {metric_label(analysis.metric)}." if analysis.metric else line


def picture_on_page(picture: Picture, sections: Collection[str] = ()) -> dict[str, str | bool]:
    """Return a picture for the template: SVG if small, else PNG; its section if it is among these."""
    section = picture.section if picture.section in sections else ""
    if len(picture.svg) <= max(LARGEST_INLINE_SVG, len(picture.png) * 4 // 3):
        return {"title": picture.title, "section": section, "wide": picture.is_wide, "svg": picture.inline_svg()}
    data = base64.b64encode(picture.png).decode("ascii")
    png = f"data:image/png;base64,{data}"
    return {"title": picture.title, "section": section, "wide": picture.is_wide, "alt": picture.alt, "png": png}


def _unbroken(text: str) -> str:
    """Keep ``p = 0.0039``, ``64.2 %`` and ``95 % interval`` on one line with no-break spaces."""
    space = "\N{NO-BREAK SPACE}"
    for words in ("p = ", "p < ", " %", "% interval"):
        text = text.replace(words, words.replace(" ", space))
    return text


@cache
def template(file: Path) -> "Template":
    """Return a template that escapes all text from data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(file.parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(file.name)
