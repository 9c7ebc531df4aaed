"""Arms that differ in more settings than their names indicate.

Each word that only one of two names has must match a setting in which the arms differ: a choice of a group, a key or a
value. If a word matches none, the names are not interpreted and nothing is reported. If all match, a difference in a
group without a matching word is unexpected for a reader of the names.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from seedbed.comparison.plan import Plan
from seedbed.comparison.record import as_run
from seedbed.config.schema import ARM_GROUPS, Arm
from seedbed.report.sections.settings import setting_text
from seedbed.report.wording import count

_WORD = re.compile(r"[^\W\d_]{2,}")
_IGNORED_WORDS = {
    "arm", "model", "base", "basic", "baseline", "plain", "default", "control", "only", "alone", "and", "with", "plus",
    "the", "on", "of", "vectors",
}  # fmt: skip
_SHORT = {"lr": "learning", "rate": "learning", "bs": "batch", "wd": "decay"}
MOST_KEYS = 3


def arms_differ_in_more(plan: Plan) -> Iterator[str]:
    """Yield pairs of arms that differ in groups that their names do not mention; similar pairs are one finding."""
    arms = list({planned.arm.name: planned.arm for planned in plan.planned}.values())
    unnamed_by: dict[tuple, list[tuple[Arm, Arm]]] = {}
    for first, second in combinations(arms, 2):
        differences = {group: keys for group in ARM_GROUPS if (keys := _differing(first, second, group))}
        named = _named_groups(first, second, differences)
        unnamed = [key for group, keys in differences.items() if group not in named for key in keys]
        if named and unnamed:
            unnamed_by.setdefault((tuple(sorted(named)), tuple(unnamed)), []).append((first, second))
    for (named, unnamed), pairs in unnamed_by.items():
        first, second = pairs[0]
        more = f" (and {count(len(pairs) - 1, 'more pair')})" if len(pairs) > 1 else ""
        yield (
            f"{first.name} and {second.name}{more} are named for their {' and '.join(named)} and differ in more: "
            f"{_values(first, second, unnamed)}"
        )


def _differing(first: Arm, second: Arm, group: str) -> list[str]:
    """Return the keys of a group, read by both, in which two arms differ; only the group where its choices differ."""
    if first.choices[group] != second.choices[group]:
        return [group]
    keys = {key: None for arm in (first, second) for key in arm.settings if key.partition(".")[0] == group}
    return [
        key for key in keys
        if first.settings.get(key) != second.settings.get(key) and _both_read(first, second, key)
        and not _pools_own_vectors(first, second, key)
    ]  # fmt: skip


def _both_read(first: Arm, second: Arm, key: str) -> bool:
    """Return whether both arms read a key: encoders that are fitted at once read few of ``training``."""
    group, _, name = key.partition(".")
    fields = (getattr(arm.encoder, "training_fields", None) for arm in (first, second))
    return group != "training" or all(read is None or name in read for read in fields)


def _pools_own_vectors(first: Arm, second: Arm, key: str) -> bool:
    """Return whether poolings differ because one of two embeddings has vectors of texts."""
    differ = first.choices["embedding"] != second.choices["embedding"]
    return differ and key == "encoder.pooling" and "sentence" in (first.settings.get(key), second.settings.get(key))


def _named_groups(first: Arm, second: Arm, differences: Mapping[str, list[str]]) -> set[str]:
    """Return the differing groups that the names mention; empty where a word matches no difference."""
    first_words, second_words = (_words([arm.name]) for arm in (first, second))
    words = {_SHORT.get(word, word) for word in first_words ^ second_words} - _IGNORED_WORDS
    evidence = {group: _evidence(first, second, group) for group in differences}
    stands_for = {
        word: {group for group, terms in evidence.items() if any(_matches(word, term) for term in terms)}
        for word in words
    }
    return set().union(*stands_for.values()) if all(stands_for.values()) else set()


def _evidence(first: Arm, second: Arm, group: str) -> set[str]:
    """Return words for a difference: of choices, of differing keys and values, of vectors."""
    texts: list[str] = [group]
    for arm in (first, second):
        texts += [arm.choices[group], *_names(getattr(arm, group))]
    for key in {*first.settings, *second.settings}:
        if key.partition(".")[0] == group and first.settings.get(key) != second.settings.get(key):
            texts += [key, *(arm.settings.get(key, "") for arm in (first, second))]
    return _words(texts)


def _names(stage: object) -> Iterator[str]:
    """Yield the names of a stage and its parts."""
    yield str(getattr(stage, "name", ""))
    parts = getattr(stage, "parts", None)
    for key, part in parts.items() if isinstance(parts, dict) else ():
        yield from (key, *_names(part))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.lower())}


def _matches(word: str, term: str) -> bool:
    """Return whether words are equal, or one abbreviates the other: ``resid`` and ``residual``."""
    return word == term or (min(len(word), len(term)) >= 3 and (word.startswith(term) or term.startswith(word)))


def _values(first: Arm, second: Arm, keys: Sequence[str]) -> str:
    """Return a text such as ``training.learning_rate (0.0001 and 1e-05)``, for the first keys."""
    both = [as_run(arm) for arm in (first, second)]
    texts = [f"{key} ({' and '.join(setting_text(key, own) for own in both)})" for key in keys[:MOST_KEYS]]
    return ", ".join(texts) + f" and {len(keys) - MOST_KEYS} more" * (len(keys) > MOST_KEYS)
