"""The overview of several data sets as a page and as Markdown; each data set's own report is linked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.cautions import warnings_of
from seedbed.report.context import sections_of
from seedbed.report.floor_shown import floor_answers
from seedbed.report.markdown import bullets, escaped, tables_of
from seedbed.report.overview.shown import overview_sections, overview_summary, overview_warnings, rank_answers
from seedbed.report.page import TEMPLATES, look_of, picture_on_page, template
from seedbed.report.pictures.rendering import Picture
from seedbed.report.protocol import protocol
from seedbed.report.wording import count, plain

if TYPE_CHECKING:
    from seedbed.report.overview.studies import Studies


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


def parts_of(found: "Studies") -> Iterator[Part]:
    """A part a data set."""
    for name, study in found.studies.items():
        number = len(warnings_of(study)) + len(protocol(study))
        closest = {answer.n_train: answer.text for answer in reversed(study.answers)}
        told = (*(closest[n_train] for n_train in sorted(closest)), *(one.text for one in floor_answers(study)))
        address = f"{found.folders[name]}/report/index.html"
        yield Part(plain(name, 60), address, told, f"{count(number, 'warning')} in its report" if number else "")


def render_overview(found: "Studies", picture: Picture | None, *, title: str) -> str:
    """The whole page as text."""
    return template(TEMPLATES / "overview.html.j2").render(
        title=plain(title),
        summary=overview_summary(found),
        answers=rank_answers(found),
        warnings=overview_warnings(found),
        picture=None if picture is None else picture_on_page(picture),
        parts=list(parts_of(found)),
        sections=overview_sections(found),
        about=sections_of(found.beside.context),
        **look_of(found.arms, [TEMPLATES / "page.css"], [TEMPLATES / "page.js"]),
    )


def overview_markdown(found: "Studies", picture: Picture | None, *, title: str) -> str:
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
