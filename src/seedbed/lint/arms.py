"""Arms that differ in more than what their names tell them apart by.

The words of two names that are not in both must each stand for a setting in which the arms differ: a choice of a group,
a key or a value. Where one does not, the name may say anything, and nothing is found. Where all do, a difference in any
group that no word stands for is one that a reader of the names does not expect.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from seedbed.comparison.plan import Plan
from seedbed.config.schema import ARM_GROUPS, Arm
from seedbed.report.wording import count

_WORD = re.compile(r"[^\W\d_]{2,}")
_SAY_NOTHING = {
    "arm", "model", "base", "basic", "baseline", "plain", "default", "control", "only", "alone", "and", "with", "plus",
    "the", "on", "of", "vectors",
}  # fmt: skip
_SHORT = {"lr": "learning", "rate": "learning", "bs": "batch", "wd": "decay"}
MOST_KEYS = 3


def arms_differ_in_more(plan: Plan) -> Iterator[str]:
    """Pairs of arms that differ in groups of settings that their names say nothing of; alike pairs are one finding."""
    arms = list({planned.arm.name: planned.arm for planned in plan.planned}.values())
    found: dict[tuple, list[tuple[Arm, Arm]]] = {}
    for one, other in combinations(arms, 2):
        differences = {group: keys for group in ARM_GROUPS if (keys := _differing(one, other, group))}
        said = _said(one, other, differences)
        unsaid = [key for group, keys in differences.items() if group not in said for key in keys]
        if said and unsaid:
            found.setdefault((tuple(sorted(said)), tuple(unsaid)), []).append((one, other))
    for (said, unsaid), pairs in found.items():
        one, other = pairs[0]
        more = f" (and {count(len(pairs) - 1, 'more pair')})" if len(pairs) > 1 else ""
        yield (
            f"{one.name} and {other.name}{more} are named for their {' and '.join(said)} and differ in more: "
            f"{_values(one, other, unsaid)}"
        )


def _differing(one: Arm, other: Arm, group: str) -> list[str]:
    """The keys of a group in which two arms differ; the group alone where another choice was made in it."""
    if one.choices[group] != other.choices[group]:
        return [group]
    keys = {key: None for arm in (one, other) for key in arm.settings if key.partition(".")[0] == group}
    return [key for key in keys if one.settings.get(key) != other.settings.get(key)]


def _said(one: Arm, other: Arm, differences: Mapping[str, list[str]]) -> set[str]:
    """The differing groups that the names stand for; empty where a word of theirs stands for nothing known."""
    ours, theirs = (_words([arm.name]) for arm in (one, other))
    words = {_SHORT.get(word, word) for word in ours ^ theirs} - _SAY_NOTHING
    evidence = {group: _evidence(one, other, group) for group in differences}
    stands_for = {
        word: {group for group, known in evidence.items() if any(_same(word, other) for other in known)}
        for word in words
    }
    return set().union(*stands_for.values()) if all(stands_for.values()) else set()


def _evidence(one: Arm, other: Arm, group: str) -> set[str]:
    """What a name may call the difference: words of choices, of differing keys and values, of vectors."""
    texts: list[str] = [group]
    for arm in (one, other):
        texts += [arm.choices[group], *_names(getattr(arm, group))]
    for key in {*one.settings, *other.settings}:
        if key.partition(".")[0] == group and one.settings.get(key) != other.settings.get(key):
            texts += [key, *(arm.settings.get(key, "") for arm in (one, other))]
    return _words(texts)


def _names(stage: object) -> Iterator[str]:
    """What a stage and its parts are called."""
    yield str(getattr(stage, "name", ""))
    parts = getattr(stage, "parts", None)
    for key, part in parts.items() if isinstance(parts, dict) else ():
        yield from (key, *_names(part))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.lower())}


def _same(word: str, other: str) -> bool:
    """Equal, or one an abbreviation of the other: ``resid`` and ``residual``."""
    return word == other or (min(len(word), len(other)) >= 3 and (word.startswith(other) or other.startswith(word)))


def _values(one: Arm, other: Arm, keys: Sequence[str]) -> str:
    """``training.learning_rate (0.0001 and 1e-05)``, of a few keys."""
    shown = []
    for key in keys[:MOST_KEYS]:
        ours, theirs = ((arm.choices if key in ARM_GROUPS else arm.settings).get(key, "none") for arm in (one, other))
        shown.append(f"{key} ({ours} and {theirs})")
    return ", ".join(shown) + f" and {len(keys) - MOST_KEYS} more" * (len(keys) > MOST_KEYS)
