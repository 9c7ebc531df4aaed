"""The page: one offline HTML file with the answer first. All text from data is escaped by the template."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.report.answers import answers, warnings_of
from seedbed.report.contents import contents
from seedbed.report.context import sections_of
from seedbed.report.floor_shown import floor_answers
from seedbed.report.palette import arm_styles
from seedbed.report.rendering import Picture
from seedbed.report.scores import metric_label
from seedbed.report.sign_flips import EXACT_PAIRS, RESAMPLES, SEED
from seedbed.report.wording import count, plain, sentence

if TYPE_CHECKING:
    from jinja2 import Template

    from seedbed.report.study import Study

TEMPLATES = Path(__file__).parent / "templates"
LARGEST_INLINE_SVG = 200_000
"""Bytes; a larger picture goes into the page as PNG."""


def render_page(study: "Study", pictures: Sequence[Picture], *, title: str) -> str:
    """The whole page as text."""
    script = (TEMPLATES / "page.js").read_text("utf-8")
    return template(TEMPLATES / "index.html.j2").render(
        title=plain(title),
        summary=_summary(study),
        answers=[replace(answer, text=_unbroken(answer.text)) for answer in answers(study)],
        floor=[
            replace(answer, text=answer.text.replace(" %", "\N{NO-BREAK SPACE}%")) for answer in floor_answers(study)
        ],
        warnings=warnings_of(study),
        sections=contents(study),
        about=sections_of(study.beside.context),
        pictures=[_picture(picture) for picture in pictures],
        colours=[style.colour for style in arm_styles(study.arms).values()],
        style=(TEMPLATES / "page.css").read_text("utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
        seed=SEED,
        resamples=f"{RESAMPLES:,}",
        exact_pairs=EXACT_PAIRS,
    )


def _summary(study: "Study") -> str:
    """What was tried, in a line."""
    finished = int((study.table["status"] == "finished").sum())
    parts = [count(len(study.arms), "arm"), count(len(study.sizes), "size")]
    parts.append(count(study.table["replicate"].nunique(), "replicate"))
    whole = len(study.table) + len(study.missing)
    line = f"{sentence(', '.join(parts))}: {finished:,} of {whole:,} cells finished."
    if "dataset" in study.table.columns:
        names = [plain(name, 60) for name in study.table["dataset"].dropna().unique() if str(name)]
        line = f"{', '.join(names[:5])}. {line}" if names else line
    return f"{line} Judged by {metric_label(study.metric)}." if study.metric else line


def _picture(picture: Picture) -> dict[str, str]:
    if len(picture.svg) <= LARGEST_INLINE_SVG:
        return {"title": picture.title, "svg": picture.inline_svg()}
    data = base64.b64encode(picture.png).decode("ascii")
    return {"title": picture.title, "alt": picture.alt, "png": f"data:image/png;base64,{data}"}


def _unbroken(text: str) -> str:
    """``p = 0.0039`` and ``95 %`` stay on one line."""
    space = "\N{NO-BREAK SPACE}"
    for words in ("p = ", "p < ", "95 % "):
        text = text.replace(words, words.replace(" ", space))
    return text


@cache
def template(file: Path) -> "Template":
    """A template with all text escaped that comes from data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(file.parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(file.name)
