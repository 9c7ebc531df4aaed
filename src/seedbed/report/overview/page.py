"""The overview of several data sets as a page and as Markdown; each data set's own report is linked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.overview.sections import overview_sections, overview_summary, overview_warnings, rank_answers
from seedbed.report.pages.html import TEMPLATES, page_assets, picture_on_page, template
from seedbed.report.pages.markdown import bullets, escaped, tables_of
from seedbed.report.pictures.rendering import Picture
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.context import sections_of
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.settings import protocol
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import DatasetAnalyses


@dataclass(frozen=True)
class Part:
    """A data set on the overview: its name, the address of its report, its answers and how many warnings it has.

    ``answers``: at each size, the best arm against its closest rival, and against the floor. ``warnings``: how many
    there are, with the findings of the linter.
    """

    name: str
    address: str
    answers: tuple[str, ...]
    warnings: str


def parts_of(found: "DatasetAnalyses") -> Iterator[Part]:
    """A part a data set."""
    for name, analysis in found.studies.items():
        number = len(warnings_of(analysis)) + len(protocol(analysis))
        closest = {answer.n_train: answer.text for answer in reversed(answers(analysis))}
        told = (*(closest[n_train] for n_train in sorted(closest)), *(one.text for one in floor_answers(analysis)))
        address = f"{found.folders[name]}/report/index.html"
        yield Part(sanitize(name, 60), address, told, f"{count(number, 'warning')} in its report" if number else "")


def render_overview(found: "DatasetAnalyses", picture: Picture | None, *, title: str) -> str:
    """The whole page as text."""
    return template(TEMPLATES / "overview.html.j2").render(
        title=sanitize(title),
        summary=overview_summary(found),
        answers=rank_answers(found),
        warnings=overview_warnings(found),
        picture=None if picture is None else picture_on_page(picture),
        parts=list(parts_of(found)),
        sections=overview_sections(found),
        about=sections_of(found.inputs.context),
        **page_assets(found.arms, [TEMPLATES / "page.css"], [TEMPLATES / "page.js"]),
    )


def overview_markdown(found: "DatasetAnalyses", picture: Picture | None, *, title: str) -> str:
    """The same as Markdown."""
    blocks = [f"# {escaped(title)}", escaped(overview_summary(found)), bullets(text for _, text in rank_answers(found))]
    warnings = overview_warnings(found)
    blocks += ["## Read with care", bullets(warnings)] if warnings else []
    blocks += [f"![{escaped(picture.alt, 2_000)}]({picture.name}.png)"] if picture else []
    blocks += tables_of(overview_sections(found))
    blocks.append("## Data sets")
    for part in parts_of(found):
        lines = [*part.answers, *([part.warnings] if part.warnings else [])]
        blocks += [f"### [{escaped(part.name)}]({part.address})", bullets(lines)]
    return "\n\n".join(block for block in blocks if block) + "\n"
