"""Words to the character numbers that a biLM was trained on (bilm-tf ``UnicodeCharsVocabulary``)."""

import numpy as np

FIRST, LAST = "<S>", "</S>"
"""The words that begin and end a sentence."""

ROWS = 261
"""Numbers of characters: 256 bytes and five marks."""

SENTENCE = {FIRST: 256, LAST: 257}
WORD_BEGIN, WORD_END, PADDING = 258, 259, 260
SHIFT = 1
"""On top of all of them: row 0 of the embedding is zero."""

ENDS = 2
"""Marks of a word, before and after its bytes."""


def char_ids(word: str, columns: int) -> tuple[np.ndarray, bool]:
    """Return the character ids of a word without padding, int32, at most ``columns``, and whether it was cut.

    A word is its UTF-8 bytes, so any script is supported. Lone surrogates are skipped.
    """
    if word in SENTENCE:
        inner, cut = [SENTENCE[word]], False
    else:
        encoded = word.encode("utf-8", "ignore")
        cut = len(encoded) > columns - ENDS
        inner = list(encoded[: columns - ENDS])
    return np.array([WORD_BEGIN, *inner, WORD_END], np.int32) + SHIFT, cut


def windows(words: list[np.ndarray], columns: int, positions: int, width: int) -> np.ndarray:
    """Return the windows of the widest filter on each word: int32 ``[positions, words, width]``.

    Words are padded to ``columns``, as the model was trained; what a window has beyond them meets no weight of a
    filter that may look there.
    """
    ids = np.full((len(words), max(columns, positions + width - 1)), PADDING + SHIFT, np.int32)
    for row, word in zip(ids, words, strict=True):
        row[: len(word)] = word
    views = np.lib.stride_tricks.sliding_window_view(ids, width, axis=1)[:, :positions]
    return np.ascontiguousarray(views.transpose(1, 0, 2))
