"""The sections below the tables of a report: about the study, its data, versions and settings."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from seedbed.cells import NOT_READ
from seedbed.report.sections.context import Section, sections_of
from seedbed.report.sections.settings import settings_of_arms, shared_settings
from seedbed.report.wording import join_limited

if TYPE_CHECKING:
    from seedbed.report.analysis.inputs import ReportInputs

SETTINGS = "Settings"
_GROUPS = ("dataset", "embedding", "encoder", "task", "sampling", "training")
_SHARED = "Settings of arms are those that all arms share, as they were run."
_NOTE = f"{_SHARED} The others are in the section What the arms differ in."


def about_sections(inputs: "ReportInputs", arms: Iterable[str]) -> list[Section]:
    """Return the sections of the context, with the settings of the arms in place of those that they begin from."""
    context = dict(inputs.context)
    composed, settings = context.get(SETTINGS), settings_of_arms(inputs, arms)
    if isinstance(composed, Mapping) and settings:
        context[SETTINGS] = _of_study(composed, settings) | _of_arms(settings)
        sections = sections_of(context)
        note = _NOTE if len(settings) > 1 else _SHARED
        return [section.with_line(note) if section.title == SETTINGS else section for section in sections]
    return sections_of(context)


def _of_study(composed: Mapping[str, object], settings: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Return the settings of the whole study, without groups of arms and without what no search used."""
    shown = {key: value for key, value in composed.items() if key not in _GROUPS}
    tune = shown.get("tune")
    if isinstance(tune, Mapping):
        shown["tune"] = _of_search(tune, {own.get("encoder", "") for own in settings.values()})
    return shown


def _of_search(tune: Mapping[str, object], encoders: set[str]) -> dict[str, object]:
    """Return how settings were searched, with the spaces of these encoders only; of ``none`` nothing more."""
    if tune.get("method") == "none":
        return {"method": "none"}
    spaces = tune.get("spaces")
    if not isinstance(spaces, Mapping):
        return dict(tune)
    used = {name if name in spaces else "default" for name in encoders}
    return dict(tune) | {"spaces": {name: space for name, space in spaces.items() if name in used}}


def _of_arms(settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the settings that all arms share, and by whom they are not read."""
    texts = {}
    for key, value in shared_settings(settings).items():
        unread = [arm for arm, own in settings.items() if own.get(key) == NOT_READ]
        texts[key] = f"{value} (not read by {join_limited(unread, 3)})" if unread else value
    return texts
