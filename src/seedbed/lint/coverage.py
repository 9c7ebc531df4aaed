"""Vector files with few of the words of the drawn examples."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table
from seedbed.lint.coverage_causes import Missing, cause
from seedbed.lint.piece_coverage import pieces_cover_little
from seedbed.lint.plan_data import DrawnDataset
from seedbed.lint.tokens import join_names, keyed_parts
from seedbed.lint.unsegmented import unsegmented
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import count, sanitize

LEAST_TOKENS = 0.6
"""Of all tokens; GloVe 6B has 0.99 of those of reviews and 0.87 of those of tweets, a table of 60,000 words 0.75."""
LEAST_TYPES = 0.2
"""Of the different words; of all of IMDB's a table of 60,000 words has 0.33."""
GAIN = 0.1
"""Of all tokens: the least gain of a cause, which is reported even if the shares are high."""


@dataclass(frozen=True)
class Share:
    """Shares of the drawn examples with a vector; words without a vector, most frequent first."""

    tokens: float
    types: float
    without: dict[str, int]
    n_tokens: int

    @property
    def is_low(self) -> bool:
        """Whether the shares are low, whatever the cause."""
        return _low(self.tokens, self.types)


def vectors_cover_little(data: DrawnDataset) -> Iterator[str]:
    """Yield embeddings with low shares of known tokens and words, and causes of words missing in files of vectors."""
    yield from _files_cover_little(data)
    yield from pieces_cover_little(data)


def _files_cover_little(data: DrawnDataset) -> Iterator[str]:
    """Yield static vector files with low shares of tokens and words, or with a known cause of missing words."""
    by_file: dict[tuple[object, ...], tuple[str, Static, dict[str, None]]] = {}
    for arm in data.arms:
        for key, part in keyed_parts(arm.embedding):
            if isinstance(part, Static):
                by_file.setdefault((part.file, part.case, part.limit), (key, part, {}))[2][arm.name] = None
    for key, static, arms in by_file.values():
        share, cause_text = static.use_table(partial(_coverage, data, static, key))
        if share.is_low or cause_text:
            yield _message(data.corpus.name, static, list(arms), share, cause_text)


def _coverage(data: DrawnDataset, static: Static, key: str, table: Table) -> tuple[Share, str]:
    """Return the shares of a file, and the cause of missing words; empty if unknown, or if few are missing."""
    share = share_of(data.counts, static, table)
    if not share.is_low and 1 - share.tokens < GAIN:
        return share, ""
    cause_text = cause(Missing(share.without, static, table, key, data.dataset, share.is_low), GAIN * share.n_tokens)
    if share.is_low and not cause_text and unsegmented(share.without)[0]:
        cause_text = "the texts are not split into words (texts-unsegmented)"
    return share, cause_text


def share_of(counts: Counter[str], static: Static, table: Table) -> Share:
    """Return the shares of these tokens; the vectors themselves are not read."""
    words = sorted(counts, key=lambda word: (-counts[word], word))
    has_vector = static.rows(table, words)[0] >= 0
    n_tokens, types = counts.total(), len(words)
    without = {words[index]: counts[words[index]] for index in np.flatnonzero(~has_vector).tolist()}
    tokens = 1 - sum(without.values()) / n_tokens if n_tokens else 1.0
    return Share(tokens, float(has_vector.mean()) if types else 1.0, without, n_tokens)


def little_in_results(study: Analysis) -> Iterator[str]:
    """Yield arms with low shares in a table of results, without causes; each cell logs the shares of its draw."""
    finished = study.table[study.table["status"] == "finished"] if "status" in study.table else study.table
    for tokens in (str(column) for column in finished.columns if str(column).endswith("embedding/tokens_share")):
        part = tokens.removesuffix("embedding/tokens_share").strip("/")
        types = tokens.removesuffix("tokens_share") + "types_share"
        columns = [column for column in (tokens, types) if column in finished]
        shares = finished.groupby("arm", sort=False)[columns].mean()
        for arm, *mean in shares.dropna().itertuples():
            if _low(*mean):
                part_text = f", part {sanitize(part, 60)}" if part else ""
                yield f"{sanitize(arm, 60)}{part_text}: {_percent(*mean)} in its draws have a vector"


def _low(tokens: float, types: float = 1.0) -> bool:
    return tokens < LEAST_TOKENS or types < LEAST_TYPES


def _message(corpus: str, static: Static, arms: Sequence[str], share: Share, cause_text: str) -> str:
    arms = [sanitize(arm, 60) for arm in arms]
    named = join_names(arms) if len(arms) <= 3 else f"{', '.join(arms[:2])} and {count(len(arms) - 2, 'more arm')}"
    missing = ", ".join(sanitize(word, 24) for word in list(share.without)[:5])
    return (
        f"{corpus}: in the drawn examples, {_percent(share.tokens, share.types)} have a vector in "
        f"{sanitize(static.file.name, 60)} ({named}); without a vector: {missing}"
        + (f"; {cause_text}" if cause_text else "")
    )


def _percent(tokens: float, types: float | None = None) -> str:
    return f"{100 * tokens:.0f} % of tokens" + ("" if types is None else f" and {100 * types:.0f} % of words")
