"""The settings in which the arms differ, and the findings of the linter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import Finding
from seedbed.report.sections.page_table import PageTable, TableCell
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_ROWS = 100


def setting_table(analysis: "Analysis") -> PageTable:
    """Return one row per setting that differs and one column per arm, with a dash for a missing setting.

    Arms without known settings are left out; no rows with fewer than two.
    """
    settings = {arm: analysis.inputs.settings[arm] for arm in analysis.arms if analysis.inputs.settings.get(arm)}
    keys = list(dict.fromkeys(key for values in settings.values() for key in values))
    differing = [key for key in keys if len({values.get(key) for values in settings.values()}) > 1]
    rows = [
        (TableCell(sanitize(key, 80)), *(TableCell(_value_text(values.get(key))) for values in settings.values()))
        for key in differing[:MOST_ROWS]
    ]
    note = "All other settings are the same in all arms."
    if len(differing) > MOST_ROWS:
        note = f"The first {MOST_ROWS} of {len(differing):,} settings that differ."
    header = ("setting", *(analysis.labels[arm] for arm in settings))
    return PageTable("", header, tuple(rows) if len(settings) > 1 else (), note)


def _value_text(value: object) -> str:
    return "–" if value is None else sanitize(value, 120) if str(value).strip() else "(empty)"


MOST_FINDINGS = 5
"""Most findings of one rule; of the others only the number."""


@dataclass(frozen=True)
class RuleFindings:
    """A rule with its findings, the reason for it, and what to do; the last two are empty if they are not known."""

    rule: str
    texts: tuple[str, ...]
    why: str
    advice: str


def protocol(analysis: "Analysis") -> list[RuleFindings]:
    """Return the rules with findings, in the order of the findings."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in analysis.inputs.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    rules = []
    for rule, findings in by_rule.items():
        texts = [sanitize(finding.text, 500) for finding in findings[:MOST_FINDINGS]]
        texts += [f"and {len(findings) - MOST_FINDINGS} more"] if len(findings) > MOST_FINDINGS else []
        why, advice = (sanitize(text, 200) if text else "" for text in (findings[0].why, findings[0].advice))
        rules.append(RuleFindings(sanitize(rule, 60), tuple(texts), why, advice))
    return rules
