"""The linter's findings as a report shows them: each rule once, with what was found and why it matters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.wording import plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST = 5
"""Findings of one rule that are said; of the others the number."""


@dataclass(frozen=True)
class Found:
    """A rule with its findings, why it matters, and the page of the docs that says more."""

    rule: str
    texts: tuple[str, ...]
    why: str
    page: str


def protocol(study: "Study") -> list[Found]:
    """The rules that found something, in the order of the findings."""
    by_rule: dict[str, list] = {}
    for one in study.beside.findings:
        by_rule.setdefault(one.rule, []).append(one)
    shown = []
    for rule, findings in by_rule.items():
        texts = [plain(one.text, 500) for one in findings[:MOST]]
        texts += [f"and {len(findings) - MOST} more"] if len(findings) > MOST else []
        name, why = plain(rule, 60), findings[0].why
        shown.append(Found(name, tuple(texts), plain(why, 200) if why else "", f"docs/lint/{name}.md"))
    return shown
