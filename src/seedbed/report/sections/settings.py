"""The settings in which the arms differ, and the findings of the linter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import NOT_READ, Finding
from seedbed.report.sections.page_table import PageTable, TableCell
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.inputs import ReportInputs

MOST_ROWS = 100
_EMPTY = (None, "", "null", "[]", "{}")
_SEARCHED = " (default; searched)"
_NOTE = "A dash: the arm has no such setting. All other settings are the same in all arms that read them."
_NOTE_WITHOUT_DEFAULTS = (
    "The defaults of settings are not known for all arms, so only settings that were set are compared. A dash: not "
    "set; the arm may have a default, or no such setting."
)


def setting_table(analysis: "Analysis") -> PageTable:
    """Return one row per setting that differs and one column per arm, with a dash for a setting that an arm lacks.

    Where defaults are not known, a dash is a setting that was not set, and the note says so. Arms without known
    settings are left out; no rows with fewer than two.
    """
    settings = settings_of_arms(analysis.inputs, analysis.arms)
    differing = [key for key, values in _by_key(settings).items() if len(values) > 1]
    rows = [
        (
            TableCell(sanitize(key, 80)),
            *(TableCell(setting_text(key, own, settings.values())) for own in settings.values()),
        )
        for key in differing[:MOST_ROWS]
    ]
    note = _NOTE if all(map(analysis.inputs.as_run.get, settings)) else _NOTE_WITHOUT_DEFAULTS
    if len(differing) > MOST_ROWS:
        note = f"The first {MOST_ROWS} of {len(differing):,} settings that differ."
    header = ("setting", *(analysis.labels[arm] for arm in settings))
    return PageTable("", header, tuple(rows) if len(settings) > 1 else (), note)


def settings_of_arms(inputs: "ReportInputs", arms: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what is known of the settings of these arms, and which of them a search chose.

    They have the defaults only where they are recorded for all of these arms: beside settings without defaults, each
    default would be a difference.
    """
    both = {arm: (inputs.as_run.get(arm), inputs.settings.get(arm)) for arm in arms}
    complete = all(as_run or not settings for as_run, settings in both.values())
    known = {arm: as_run if complete else settings for arm, (as_run, settings) in both.items()}
    spaces = inputs.tuning.spaces if inputs.tuning else {}
    return {
        arm: {key: f"{value}{_SEARCHED}" if key in spaces.get(arm, ()) else value for key, value in own.items()}
        for arm, own in known.items()
        if own
    }


def shared_settings(settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the settings that have the same value in all arms that read them; empty ones are left out."""
    return {key: value for key, (value, *more) in _by_key(settings).items() if value is not None and not more}


def _by_key(settings: Mapping[str, Mapping[str, str]]) -> dict[str, set[str | None]]:
    """Return the values of each key in the arms that read it; None stands for a missing and for an empty one."""
    keys = dict.fromkeys(key for own in settings.values() for key in own)
    values = {key: {None if (one := own.get(key)) in _EMPTY else one for own in settings.values()} for key in keys}
    return {key: found for key, own in values.items() if (found := own - {NOT_READ})}


def setting_text(key: str, own: Mapping[str, str], others: Iterable[Mapping[str, str]] = ()) -> str:
    """Return a setting of an arm as text: its value, ``default`` where it is not recorded, a dash where there is none.

    An arm of the same class as another one that has the key has it too: records may leave out defaults.
    """
    value = own.get(key)
    if value is not None:
        return sanitize(value, 120) if str(value).strip() else "(empty)"
    kind = f"{key.rpartition('.')[0]}.class"
    same = any(key in other and other.get(kind) == own.get(kind) for other in others)
    return "default" if same and own.get(kind) else "–"


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
