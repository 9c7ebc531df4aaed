"""Representations whose order depends on the encoder."""

from collections.abc import Iterator

from seedbed.report.analysis.analysis import Analysis
from seedbed.report.sections.notices import encoder_sentences


def order_by_encoder(study: Analysis) -> Iterator[str]:
    """Yield representations with opposite orders under two encoders, with at least one clear difference."""
    yield from encoder_sentences(study)
