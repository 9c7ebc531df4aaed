"""From what readers give to a corpus: tokens, tags in IOB2, splits; what is cut, dropped or repeated is counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from sys import intern
from typing import NamedTuple

from seedbed.data import tags as schemes
from seedbed.data.corpus import SPLITS, Example
from seedbed.data.readers import Raw
from seedbed.data.tokens import normalise, tokenize
from seedbed.errors import InputError

Splits = dict[str, tuple[Example, ...]]


class File(NamedTuple):
    """A file of a data set: the prefix of its examples' ids, where it is, and what its reader gave."""

    prefix: str
    path: Path
    raw: Sequence[Raw]


class Wording(NamedTuple):
    """How words are made: see ``tokens``, and ``Dataset`` for the rest."""

    tokenizer: str
    lowercase: bool
    normalisation: str

    def tokens(self, words: str | tuple[str, ...]) -> tuple[str, ...]:
        """The tokens of a text, or of a sentence that was tokens already; equal ones are one object in memory."""
        if isinstance(words, str):
            found = tokenize(words, self.tokenizer, self.lowercase and self.normalisation == "none")
        else:
            found = [word.lower() for word in words] if self.lowercase and self.normalisation == "none" else words
        if self.normalisation != "none":
            found = [self._normal(word) for word in found]
        return tuple(map(intern, found))

    def _normal(self, word: str) -> str:
        new = normalise(word, self.normalisation)
        return word.lower() if self.lowercase and new == word else new


def labelled(file: File, wording: Wording, names: Mapping[str, str], counts: Counter) -> list[Example]:
    """The classified texts of a file; those without any token are dropped and counted."""
    examples = []
    for number, raw in enumerate(file.raw):
        if names and raw.target not in names:
            valid = ", ".join(names)
            raise InputError(f"{file.path}:{raw.line}: unknown label {raw.target!r}; dataset.labels has {valid}")
        tokens = wording.tokens(raw.words)
        if not tokens:
            counts["empty"] += 1
            continue
        label = intern(names[raw.target] if names else raw.target)
        examples.append(Example(_id(file, number, raw), tokens, label))
    return examples


def tagged(file: File, wording: Wording, scheme: str, line_per_token: bool, counts: Counter) -> list[Example]:
    """The tagged sentences of a file, with tags in IOB2; entities begun against the scheme are counted."""
    try:
        schemes.check((raw.target for raw in file.raw), scheme)
    except schemes.TagError as error:
        line = file.raw[error.sentence].line + (error.token if line_per_token else 0)
        raise InputError(f"{file.path}:{line}: {error}") from error
    examples = []
    for number, raw in enumerate(file.raw):
        tokens = wording.tokens(raw.words)
        if not tokens:
            counts["empty"] += 1
            continue
        repaired = schemes.irregular(raw.target, scheme)
        if repaired:
            counts["repaired"] += repaired
        converted = tuple(map(intern, schemes.to_iob2(raw.target, scheme)))
        examples.append(Example(_id(file, number, raw), tokens, converted))
    return examples


def cut(splits: Splits, longest: int | None, end: str, counts: Counter) -> Splits:
    """Examples cut to ``longest`` tokens, keeping the ``first`` or the ``last``; counted in all and by split."""
    if longest is None:
        return splits
    counts["cut"] += 0
    done = {}
    for split, examples in splits.items():
        done[split] = tuple(_cut_one(example, longest, end) for example in examples)
        number = sum(len(example.tokens) > longest for example in examples)
        if number:
            counts["cut"] += number
            counts[f"cut/{split}"] += number
    return done


def _cut_one(example: Example, longest: int, end: str) -> Example:
    if len(example.tokens) <= longest:
        return example
    kept = slice(longest) if end == "first" else slice(-longest, None)
    target = example.target
    if not isinstance(target, str):
        target = target[kept]
        if target[0].startswith("I-"):  # the rest of an entity whose beginning was cut off is an entity
            target = (f"B-{target[0][2:]}", *target[1:])
    return Example(example.id, example.tokens[kept], target)


def without_repeats(splits: Splits, drop: bool, counts: Counter) -> Splits:
    """Count validation and test examples whose tokens are also those of one in an earlier split.

    Where ``drop``, it is the earlier split that loses them, so that test sets stay what they are.
    """
    order = [split for split in SPLITS if split in splits]
    words = {split: {example.tokens for example in splits[split]} for split in order}
    counts["duplicates"] += 0
    done = dict(splits)
    for at, split in enumerate(order):
        earlier = set().union(*(words[other] for other in order[:at]))
        repeated = sum(example.tokens in earlier for example in splits[split])
        if repeated:
            counts["duplicates"] += repeated
            counts[f"duplicates/{split}"] += repeated
        if drop:
            later = set().union(*(words[other] for other in order[at + 1 :]))
            done[split] = tuple(example for example in splits[split] if example.tokens not in later)
            counts["dropped"] += len(splits[split]) - len(done[split])
    return done


def labels_of(splits: Splits, tagging: bool, name: str) -> tuple[str, ...]:
    """The labels in the order that a corpus has them; InputError where there is nothing to tell apart."""
    if tagging:
        found = {tag for examples in splits.values() for example in examples for tag in example.target}
        labels = ("O", *sorted(found - {"O"}))
        if len(labels) < 2:
            raise InputError(f"{name}: every tag is O: there is no entity to learn")
        return labels
    labels = tuple(sorted({str(example.target) for examples in splits.values() for example in examples}))
    if len(labels) < 2:
        raise InputError(f"{name}: the set has one class ({', '.join(labels)}): there is nothing to tell apart")
    return labels


def refuse_repeated_ids(examples: Iterable[Example], name: str) -> None:
    """Raises InputError where two examples have one id."""
    (often, count), *_ = Counter(example.id for example in examples).most_common(1) or [("", 0)]
    if count > 1:
        raise InputError(f"{name}: {count} examples have the id {often!r}; ids must be unique")


def _id(file: File, number: int, raw: Raw) -> str:
    return raw.id if raw.id is not None else f"{file.prefix}/{number}"
