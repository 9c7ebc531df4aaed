"""The overview of several data sets as HTML and Markdown, with links to the report of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.overview.sections import overview_sections, overview_summary, overview_warnings, rank_answers
from seedbed.report.pages.html import TEMPLATES, page_assets, picture_on_page, template
from seedbed.report.pages.markdown import bullets, escaped, tables_of
from seedbed.report.pictures.rendering import Picture
from seedbed.report.sections.about import about_sections
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.settings import protocol
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import DatasetAnalyses


@dataclass(frozen=True)
class Part:
    """A data set on the overview: its name and the address of its report.

    ``answers``: at each size, the best arm against its closest rival, and against the floor. ``warnings``: their number
    as text, findings of the linter included.
    """

    name: str
    address: str
    answers: tuple[str, ...]
    warnings: str


def parts_of(analyses: "DatasetAnalyses") -> Iterator[Part]:
    """Yield the overview's part of each data set."""
    for name, analysis in analyses.studies.items():
        warnings = len(warnings_of(analysis)) + len(protocol(analysis))
        closest = {answer.n_train: answer.text for answer in reversed(answers(analysis))}
        floors = [answer.text for answer in floor_answers(analysis)]
        lines = (*(closest[n_train] for n_train in sorted(closest)), *floors)
        address = f"{analyses.folders[name]}/report/index.html"
        note = f"{count(warnings, 'warning')} in its report" if warnings else ""
        yield Part(sanitize(name, 60), address, lines, note)


def render_overview(analyses: "DatasetAnalyses", picture: Picture | None, *, title: str) -> str:
    """Return the HTML page."""
    return template(TEMPLATES / "overview.html.j2").render(
        title=sanitize(title),
        summary=overview_summary(analyses),
        answers=rank_answers(analyses),
        warnings=overview_warnings(analyses),
        picture=None if picture is None else picture_on_page(picture),
        parts=list(parts_of(analyses)),
        sections=overview_sections(analyses),
        about=about_sections(analyses.inputs, analyses.arms),
        **page_assets(analyses.arms, [TEMPLATES / "page.css"], [TEMPLATES / "page.js"]),
    )


def overview_markdown(analyses: "DatasetAnalyses", picture: Picture | None, *, title: str) -> str:
    """Return the overview as Markdown."""
    blocks = [f"# {escaped(title)}", escaped(overview_summary(analyses))]
    blocks.append(bullets([text for _, text in rank_answers(analyses)]))
    warnings = overview_warnings(analyses)
    blocks += ["## Read with care", bullets(warnings)] if warnings else []
    blocks += [f"![{escaped(picture.alt, 2_000)}]({picture.name}.png)"] if picture else []
    blocks += tables_of(overview_sections(analyses))
    blocks.append("## Data sets")
    for part in parts_of(analyses):
        lines = [*part.answers, *([part.warnings] if part.warnings else [])]
        blocks += [f"### [{escaped(part.name)}]({part.address})", bullets(lines)]
    return "\n\n".join(block for block in blocks if block) + "\n"
