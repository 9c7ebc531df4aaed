"""The entities of tagged sentences, each sentence parsed once for all parts of a report: seqeval is slow."""

from functools import lru_cache

from seedbed.metrics import Span, entity_spans


@lru_cache(maxsize=100_000)
def spans_of(tags: tuple[str, ...]) -> frozenset[Span]:
    """Strict, see `seedbed.metrics.entity_spans`."""
    return frozenset(entity_spans(tags))
