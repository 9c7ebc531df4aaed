"""Vectors that have few of the words of the drawn examples."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table
from seedbed.lint.coverage_causes import Missing, cause
from seedbed.lint.plan_data import DrawnDataset
from seedbed.lint.tokens import keyed_parts, listed
from seedbed.lint.unsegmented import unsegmented
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import count, sanitize

LEAST_TOKENS = 0.6
"""Of all tokens; GloVe 6B has 0.99 of those of reviews and 0.87 of those of tweets, a table of 60,000 words 0.75."""
LEAST_TYPES = 0.2
"""Of the different words; of all of IMDB's a table of 60,000 words has 0.33."""
GAIN = 0.1
"""Of all tokens: what a cause must stand for, and from where on it is worth a finding whatever the shares."""


@dataclass(frozen=True)
class Share:
    """How much of the drawn examples has a vector; what has none, most frequent first."""

    tokens: float
    types: float
    without: dict[str, int]
    whole: int

    @property
    def is_low(self) -> bool:
        """Whether it is little, whatever the reason."""
        return _low(self.tokens, self.types)


def vectors_cover_little(data: DrawnDataset) -> Iterator[str]:
    """Static vectors of arms, each file once: what share of tokens and words they have, and a cause that shows."""
    looked: dict[tuple[object, ...], tuple[str, Static, dict[str, None]]] = {}
    for arm in data.arms:
        for key, one in keyed_parts(arm.embedding):
            if isinstance(one, Static):
                looked.setdefault((one.file, one.case, one.limit), (key, one, {}))[2][arm.name] = None
    for key, static, arms in looked.values():
        share, why = static.use_table(partial(_looked_up, data, static, key))
        if share.is_low or why:
            yield _told(data.corpus.name, static, list(arms), share, why)


def _looked_up(data: DrawnDataset, static: Static, key: str, table: Table) -> tuple[Share, str]:
    """The shares of a file and why they are no greater; empty where that does not show, or where little is missing."""
    share = share_of(data.counts, static, table)
    if not share.is_low and 1 - share.tokens < GAIN:
        return share, ""
    why = cause(Missing(share.without, static, table, key, data.dataset, share.is_low), GAIN * share.whole)
    if share.is_low and not why and unsegmented(share.without)[0]:
        why = "the texts are not split into words (texts-unsegmented)"
    return share, why


def share_of(counts: Counter[str], static: Static, table: Table) -> Share:
    """The shares of these tokens; the vectors themselves are not read."""
    words = sorted(counts, key=lambda word: (-counts[word], word))
    there = static.rows(table, words)[0] >= 0
    whole, types = counts.total(), len(words)
    without = {words[at]: counts[words[at]] for at in np.flatnonzero(~there).tolist()}
    tokens = 1 - sum(without.values()) / whole if whole else 1.0
    return Share(tokens, float(there.mean()) if types else 1.0, without, whole)


def little_in_results(study: Analysis) -> Iterator[str]:
    """The same of a table of results, from what each cell logs of its draw; the cause is not in a table."""
    finished = study.table[study.table["status"] == "finished"] if "status" in study.table else study.table
    for tokens in (str(column) for column in finished.columns if str(column).endswith("embedding/tokens_share")):
        part = tokens.removesuffix("embedding/tokens_share").strip("/")
        types = tokens.removesuffix("tokens_share") + "types_share"
        shares = finished.groupby("arm", sort=False)[[one for one in (tokens, types) if one in finished]].mean()
        for arm, *mean in shares.dropna().itertuples():
            if _low(*mean):
                of = f", part {sanitize(part, 60)}" if part else ""
                yield f"{sanitize(arm, 60)}{of}: {_percent(*mean)} of its draws have a vector"


def _low(tokens: float, types: float = 1.0) -> bool:
    return tokens < LEAST_TOKENS or types < LEAST_TYPES


def _told(corpus: str, static: Static, arms: Sequence[str], share: Share, why: str) -> str:
    arms = [sanitize(arm, 60) for arm in arms]
    named = listed(arms) if len(arms) <= 3 else f"{', '.join(arms[:2])} and {count(len(arms) - 2, 'more arm')}"
    missing = ", ".join(sanitize(word, 24) for word in list(share.without)[:5])
    return (
        f"{corpus}: {_percent(share.tokens, share.types)} of the drawn examples have a vector in "
        f"{sanitize(static.file.name, 60)} ({named}); without one: {missing}" + (f"; {why}" if why else "")
    )


def _percent(tokens: float, types: float | None = None) -> str:
    return f"{100 * tokens:.0f} % of tokens" + ("" if types is None else f" and {100 * types:.0f} % of words")
