"""The settings that a search chose as files ``experiment/best_SIZE.yaml``, which run as experiments."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seedbed.config.schema import ARM_GROUPS, STUDY
from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.report.analysis.best_settings import BestSettings, best_settings

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import DatasetAnalyses
    from seedbed.report.analysis.analysis import Analysis

FOLDER = "experiment"
"""The folder of the files, in the output folder: ``seedbed compare --config-dir OUTPUT experiment=best_200``."""
_NOT_KEPT = {
    "arm", "arms", "device", "experiment", "force", "name", "only", "output", "profile", "protocol", "protocols",
    "published", "sizes", "tune",
}  # fmt: skip
"""Keys of the study that its experiments set themselves, or do without.

The effect of a protocol is in the settings; published scores are of other settings than the chosen ones.
"""

_SPECIAL = re.compile(r"^(?!\[).*[,={}()'\"\[\]]")
"""A text that needs quotes in an override; a list has them inside."""

Content = dict[str, Any]


def write_best(analysis: "Analysis", output: Path) -> tuple[str, ...]:
    """Write ``experiment/best_SIZE.yaml`` of each size that was searched; return the names of the files.

    Each holds the arms of the study with the settings of `best_settings`, without a search. None if the composed
    config of the study is not known. Raises InputError where the study cannot be composed again, as its own choices are
    in another folder.
    """
    composed = analysis.inputs.context.get("Settings")
    if analysis.inputs.tuning is None or not isinstance(composed, Mapping):
        return ()
    best: dict[int, dict[str, BestSettings]] = {}
    for settings in best_settings(analysis.inputs.tuning):
        best.setdefault(settings.n_train, {})[settings.arm] = settings
    base = _base(composed, analysis.inputs.settings)
    names = []
    for size, of_arms in best.items():
        content = base | {"name": f"{base['name']}_best_{size}", "sizes": [size]}
        content["arms"] = {
            arm: [*overrides, *(setting.override for setting in (of_arms[arm].settings if arm in of_arms else ()))]
            for arm, overrides in base["arms"].items()
        }
        if not composed.get("sizes"):  # all examples
            del content["sizes"]
        names.append(f"{FOLDER}/best_{size}.yaml")
        write_whole(output / names[-1], _yaml(content, analysis.sized(size), of_arms))
    return tuple(names)


def write_all_best(result: "Analysis | DatasetAnalyses", output: Path, log: Callable[[str], None]) -> list[Path]:
    """Write the files of one analysis, or of each data set into its folder; ``log`` takes why there are none."""
    from seedbed.report.analysis.analysis import Analysis

    if isinstance(result, Analysis):
        parts = {output: result}
    else:
        parts = {output / "report" / result.folders[name]: analysis for name, analysis in result.studies.items()}
    files = []
    for folder, analysis in parts.items():
        try:
            files += [folder / name for name in write_best(analysis, folder)]
        except InputError as error:
            log(f"no experiment files of the best settings: {error}")
    return files


def _base(composed: Mapping[str, Any], settings: Mapping[str, Mapping[str, str]]) -> Content:
    """Return the content of an experiment that is the study itself, with the default settings of its arms.

    Settings that the study changed are found by composing it without them: those of groups that no arm chooses for
    itself stand in the file, others in the overrides of each arm.
    """
    from seedbed.config.compose import compose
    from seedbed.config.study import as_dict, resolved

    composed = resolved(composed)
    arms = {arm: list(overrides) for arm, overrides in (composed.get("arms") or {}).items()} or {
        arm: list[str]() for arm in settings
    }
    unknown = [arm for arm in arms if arm not in settings]
    if unknown:
        raise InputError(f"arm {unknown[0]}: its settings are not known")
    own = {group for group in ARM_GROUPS if any(_chooses(overrides, group) for overrides in arms.values())}
    choices = {group: _choice(group, arms, settings) for group in ARM_GROUPS}
    plain = resolved(as_dict(compose([f"{group}={choice}" for group, choice in choices.items()])))
    content: Content = {
        "defaults": [{f"override /{group}": choice} for group, choice in choices.items()],
        "name": composed["name"],
    }
    content |= {
        key: value
        for key, value in composed.items()
        if key not in {*_NOT_KEPT, *STUDY.groups} and value != plain.get(key)
    }
    content |= {"arms": arms}
    if "tune" in composed:
        content["defaults"].append({"override /tune": "none"})
    for arm, overrides in arms.items():  # what their experiment set, and they delete, does not stand in this one
        arms[arm] = [text for text in overrides if not (text[:1] == "~" and text[1:].partition(".")[0] in own)]
    for group in ARM_GROUPS:
        if group not in own and (changed := _changed(composed[group], plain[group])):
            content[group] = changed
    for arm, composed_settings in _settings_of(content).items():
        arms[arm] += _departures(composed_settings, settings[arm])
    return content


def _chooses(overrides: Sequence[str], group: str) -> bool:
    return any(override.partition("=")[0] == group for override in overrides)


def _choice(group: str, arms: Mapping[str, Sequence[str]], settings: Mapping[str, Mapping[str, str]]) -> str:
    """Return the choice of the arms that do not choose for themselves; of the first arm if all do."""
    shared = [arm for arm, overrides in arms.items() if not _chooses(overrides, group)]
    return settings[(shared or list(arms))[0]][group]


def _changed(value: Mapping[str, Any], plain: Mapping[str, Any]) -> Content:
    """Return the part of a nested mapping that differs."""
    changed: Content = {}
    for key, item in value.items():
        before = plain.get(key)
        if isinstance(item, Mapping) and isinstance(before, Mapping):
            if part := _changed(item, before):
                changed[key] = part
        elif item != before or key not in plain:
            changed[key] = item
    return changed


def _settings_of(content: Content) -> dict[str, Mapping[str, str]]:
    """Return the settings of the arms of an experiment with this content, as they are recorded for a study."""
    from seedbed.comparison.record import settings_of
    from seedbed.config.study import study

    with TemporaryDirectory() as folder:
        write_whole(Path(folder, FOLDER, "best.yaml"), _yaml(content, "", {}))
        return dict(settings_of(study(["experiment=best"], folder, in_sweep=True)))


def _departures(now: Mapping[str, str], recorded: Mapping[str, str]) -> list[str]:
    """Return overrides for the settings that differ from those recorded."""
    from seedbed.config.hydra_grammar import quote

    changed = {key: value for key, value in recorded.items() if "." in key and now.get(key) != value}
    overrides = [f"{key}={quote(value) if _SPECIAL.search(value) else value}" for key, value in changed.items()]
    return overrides + [f"{key}=null" for key in now if key not in recorded]


def _yaml(content: Content, size: str, best: Mapping[str, BestSettings]) -> bytes:
    import yaml

    head = ["# @package _global_"]
    if best:
        head += [
            f"# What a search chose at {size} ends the list of each arm: for each key the median over",
            "# replicates, or the most frequent category. Nothing is searched here. For other draws add seed=1,",
            "# for test texts that the search never used confirm=STUDY with the name of the study.",
        ]
    text = yaml.safe_dump(_plain(content), sort_keys=False, allow_unicode=True, width=120)
    return "\n".join([*head, text]).encode("utf-8")


def _plain(value: Any) -> Any:
    """Return nested dicts and lists of plain values, which YAML can write."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
