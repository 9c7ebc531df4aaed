"""Texts of scripts that put no spaces between words, and were split as if they did."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from seedbed.data.icu_segmentation import SCRIPTS
from seedbed.lint.plan_data import DrawnDataset

LONGEST = {"Han": 5, "Hiragana": 5, "Katakana": 9}
"""Letters that a word of a script seldom exceeds; a Chinese word has two, a Japanese one three."""
OTHERWISE = 8
"""Of Thai, Lao, Khmer and Burmese, vowels and tones above and below not counted: three or four are usual."""
SHARE = 0.5
"""Of the letters of such scripts: how many may stand in longer words."""
LEAST = 0.2
"""Of all letters, those of such scripts: fewer are quotations."""


def texts_unsegmented(data: DrawnDataset) -> Iterator[str]:
    """Long runs of letters of a script without spaces; tokens that the data set gives itself are not looked at."""
    dataset = data.dataset
    if dataset.tokenizer == "icu" or dataset.task == "tagging" or getattr(dataset.reader, "tokens", ""):
        return
    script, examples = unsegmented(data.counts)
    if script:
        yield (
            f"{data.corpus.name}: its {script} texts are not split into words, such as {', '.join(examples)}; "
            f'dataset.tokenizer=icu does it (pip install "seedbed[icu]")'
        )


def unsegmented(counts: Mapping[str, int]) -> tuple[str, list[str]]:
    """The script of words that are too long to be some, with the three most frequent; empty where there are none."""
    runs = {word: found for word in counts if not word.isascii() and (found := _run(word))}
    letters: dict[str, list[int]] = {}
    for word, (script, length, is_long) in runs.items():
        seen = letters.setdefault(script, [0, 0])
        seen[0] += counts[word] * length
        seen[1] += counts[word] * length * is_long
    if not letters:
        return "", []
    whole, in_long = (sum(column) for column in zip(*letters.values(), strict=True))
    if in_long < SHARE * whole or whole < LEAST * sum(len(word) * number for word, number in counts.items()):
        return "", []
    script = max(letters, key=lambda name: letters[name][1])
    examples = sorted((word for word, run in runs.items() if run[2]), key=lambda word: (-counts[word], word))
    return {"Hiragana": "Japanese", "Katakana": "Japanese", "Han": "Chinese or Japanese", "Myanmar": "Burmese"}.get(
        script, script
    ), [word[:24] for word in examples[:3]]


def _run(word: str) -> tuple[str, int, bool] | None:
    """The script of a word's letters without spaces, how many there are, and whether they are more than of a word."""
    found = {script: len(letters) for script in SCRIPTS if (letters := _letters(script).findall(word))}
    if not found:
        return None
    # The strictest limit of its scripts, but a word of katakana alone may be long.
    longest = min(LONGEST.get(script, OTHERWISE) for script in found)
    most = max(found, key=lambda script: (script == "Hiragana", found[script]))
    return most, sum(found.values()), sum(found.values()) > longest


@cache
def _letters(script: str) -> Any:
    import regex

    return regex.compile(rf"(?=\p{{L}})\p{{Script={script}}}")
