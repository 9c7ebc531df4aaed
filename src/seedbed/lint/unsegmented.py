"""Texts in scripts without spaces between words that were split at spaces."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from seedbed.data.icu_segmentation import SCRIPTS
from seedbed.lint.plan_data import DrawnDataset

if TYPE_CHECKING:
    import re

LONGEST = {"Han": 5, "Hiragana": 5, "Katakana": 9}
"""Letters that a word of a script seldom exceeds; a Chinese word has two, a Japanese one three."""
OTHERWISE = 8
"""Of Thai, Lao, Khmer and Burmese, vowels and tones above and below not counted: three or four are usual."""
SHARE = 0.5
"""Of the letters of such scripts: how many may stand in longer words."""
LEAST = 0.2
"""Of all letters, those of such scripts: fewer are quotations."""


def texts_unsegmented(data: DrawnDataset) -> Iterator[str]:
    """Yield data sets with long runs of letters of such a script; tokenized data sets are not checked."""
    dataset = data.dataset
    if dataset.tokenizer == "icu" or not dataset.reads_texts:
        return
    script, examples = unsegmented(data.counts)
    if script:
        yield (
            f"{data.corpus.name}: its {script} texts are not split into words, such as {', '.join(examples)}; "
            f'dataset.tokenizer=icu does it (pip install "seedbed[icu]")'
        )


def unsegmented(counts: Mapping[str, int]) -> tuple[str, list[str]]:
    """Return the script of runs that are too long for words, and the three most frequent runs; empty if none."""
    runs = {word: run for word in counts if not word.isascii() and (run := _run(word))}
    letters: dict[str, list[int]] = {}
    for word, (script, length, is_long) in runs.items():
        totals = letters.setdefault(script, [0, 0])
        totals[0] += counts[word] * length
        totals[1] += counts[word] * length * is_long
    if not letters:
        return "", []
    n_letters, n_in_long_runs = (sum(column) for column in zip(*letters.values(), strict=True))
    n_characters = sum(len(word) * number for word, number in counts.items())
    if n_in_long_runs < SHARE * n_letters or n_letters < LEAST * n_characters:
        return "", []
    script = max(letters, key=lambda name: letters[name][1])
    examples = sorted((word for word, run in runs.items() if run[2]), key=lambda word: (-counts[word], word))
    return {"Hiragana": "Japanese", "Katakana": "Japanese", "Han": "Chinese or Japanese", "Myanmar": "Burmese"}.get(
        script, script
    ), [word[:24] for word in examples[:3]]


def _run(word: str) -> tuple[str, int, bool] | None:
    """Return the script of a word, its number of letters in it, and whether it is too long for a word."""
    letters_by_script = {script: len(letters) for script in SCRIPTS if (letters := _letters(script).findall(word))}
    if not letters_by_script:
        return None
    # The strictest limit of its scripts, but a word of katakana alone may be long.
    longest = min(LONGEST.get(script, OTHERWISE) for script in letters_by_script)
    main_script = max(letters_by_script, key=lambda script: (script == "Hiragana", letters_by_script[script]))
    return main_script, sum(letters_by_script.values()), sum(letters_by_script.values()) > longest


@cache
def _letters(script: str) -> "re.Pattern[str]":  # one of regex, which has the same methods
    import regex

    return regex.compile(rf"(?=\p{{L}})\p{{Script={script}}}")
