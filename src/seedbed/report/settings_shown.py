"""What the arms differ in: the settings that are not the same in all of them."""

from typing import TYPE_CHECKING

from seedbed.report.entries import Entry, PageTable
from seedbed.report.wording import plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_ROWS = 100


def setting_table(study: "Study") -> PageTable:
    """A row a setting that differs, an arm a column; a dash where an arm has no such setting.

    Arms whose settings are not known are left out; no rows where there are not two.
    """
    settings = {arm: study.beside.settings[arm] for arm in study.arms if study.beside.settings.get(arm)}
    keys = list(dict.fromkeys(key for own in settings.values() for key in own))
    differing = [key for key in keys if len({own.get(key) for own in settings.values()}) > 1]
    rows = [
        (Entry(plain(key, 80)), *(Entry(_said(own.get(key))) for own in settings.values()))
        for key in differing[:MOST_ROWS]
    ]
    note = "All other settings are the same in all arms."
    if len(differing) > MOST_ROWS:
        note = f"The first {MOST_ROWS} of {len(differing):,} settings that differ."
    heads = ("setting", *(plain(arm, 60) for arm in settings))
    return PageTable("", heads, tuple(rows) if len(settings) > 1 else (), note)


def _said(value: object) -> str:
    return "–" if value is None else plain(value, 120) if str(value).strip() else "(empty)"
