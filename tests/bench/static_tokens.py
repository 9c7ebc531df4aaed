"""Vectors of texts from a static token model, beside model2vec on the same model and texts, in turn.

Needs ``pip install model2vec``, and WordLlama for its model.
"""

import statistics
import time
from dataclasses import replace

import numpy as np

from seedbed.config.build import build
from seedbed.config.compose import compose
from seedbed.config.provenance import Provenance
from seedbed.data.sources import packaged

TEXTS = 2000


def static_tokens(rounds: int) -> None:
    """Print the ratio of the times for short and for long texts, and the largest difference of the vectors."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer

    settings = ["embedding=wordllama", "dataset=movie_reviews"]
    config = compose(settings)
    embedding = build(config.embedding, "embedding", Provenance(config, settings))
    corpus = build(config.dataset, "dataset", Provenance(config, settings)).load()
    model = replace(embedding.open(), drop_unknown=True, max_length=512)
    tokenizer = Tokenizer.from_file(str(packaged(f"{embedding.package}/{embedding.tokenizer}")))
    reference = StaticModel(model.matrix.vectors, tokenizer)
    tokens = [example.tokens for example in list(corpus)[:TEXTS]]
    for title, most in (("20 tokens", 20), ("256 tokens", 256)):
        texts = [" ".join(words[:most]) for words in tokens]
        pairs = []
        for number in range(rounds + 1):
            started = time.perf_counter()
            expected = reference.encode(texts)
            between = time.perf_counter()
            vectors = model.texts(texts).vectors
            if number:  # the first one fills the caches of the tokenizers
                pairs.append((between - started, time.perf_counter() - between))
        ratios = [theirs / ours for theirs, ours in pairs]
        print(
            f"\n{len(texts)} texts of up to {title}: model2vec {statistics.median(p[0] for p in pairs):.2f} s, seedbed "
            f"{statistics.median(p[1] for p in pairs):.2f} s; ratio {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}; goal: at least 1); differ by up to "
            f"{np.abs(vectors - expected).max():.0e}"
        )
