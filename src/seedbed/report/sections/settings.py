"""What the arms differ in: the settings that are not the same in all of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.sections.page_table import PageTable, TableCell
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_ROWS = 100


def setting_table(analysis: "Analysis") -> PageTable:
    """A row a setting that differs, an arm a column; a dash where an arm has no such setting.

    Arms whose settings are not known are left out; no rows where there are not two.
    """
    settings = {arm: analysis.inputs.settings[arm] for arm in analysis.arms if analysis.inputs.settings.get(arm)}
    keys = list(dict.fromkeys(key for own in settings.values() for key in own))
    differing = [key for key in keys if len({own.get(key) for own in settings.values()}) > 1]
    rows = [
        (TableCell(sanitize(key, 80)), *(TableCell(_said(own.get(key))) for own in settings.values()))
        for key in differing[:MOST_ROWS]
    ]
    note = "All other settings are the same in all arms."
    if len(differing) > MOST_ROWS:
        note = f"The first {MOST_ROWS} of {len(differing):,} settings that differ."
    header = ("setting", *(sanitize(arm, 60) for arm in settings))
    return PageTable("", header, tuple(rows) if len(settings) > 1 else (), note)


def _said(value: object) -> str:
    return "–" if value is None else sanitize(value, 120) if str(value).strip() else "(empty)"


MOST = 5
"""Findings of one rule that are said; of the others the number."""


@dataclass(frozen=True)
class Found:
    """A rule with its findings, why it matters, and the page of the docs that says more."""

    rule: str
    texts: tuple[str, ...]
    why: str
    page: str


def protocol(analysis: "Analysis") -> list[Found]:
    """The rules that found something, in the order of the findings."""
    by_rule: dict[str, list] = {}
    for one in analysis.inputs.findings:
        by_rule.setdefault(one.rule, []).append(one)
    shown = []
    for rule, findings in by_rule.items():
        texts = [sanitize(one.text, 500) for one in findings[:MOST]]
        texts += [f"and {len(findings) - MOST} more"] if len(findings) > MOST else []
        name, why = sanitize(rule, 60), findings[0].why
        shown.append(Found(name, tuple(texts), sanitize(why, 200) if why else "", f"docs/lint/{name}.md"))
    return shown
