"""A hub module and the biLM of the same weights, each as an embedding of a study."""

import numpy as np
import pytest

from seedbed.data.corpus import Example
from seedbed.embeddings.contextual import tables
from seedbed.embeddings.elmo import Elmo

DRAWS = [{"train": [0, 2], "test": [4]}, {"train": [3, 4], "test": [0]}]


@pytest.mark.slow
@pytest.mark.parametrize("mix", ["learned", "average", "layer0", "layer2"])
def test_either_source_gives_the_network_the_same_vectors(modules, random_bilm, expected, mix):
    examples = [Example(f"a/{n}", tuple(tokens), "x") for n, tokens in enumerate(expected.sentences)]
    options, weights = map(str, random_bilm)
    sources = (
        Elmo(source="bilm", options=options, weights=weights, mix=mix),
        Elmo(source="hub", handle=str(modules["tf1"]), mix=mix, trust=True),
    )
    native, hub = (source.features(examples, DRAWS, [0, 1]) for source in sources)
    assert native.width == hub.width
    batches = []
    for features in (native, hub):
        inputs = features.inputs([0, 1], [[0, 2], [4]], (8, 2))
        batches.append(np.asarray(features.embed(features.arrays.trained, features.arrays.shared, inputs)))
    assert batches[0].any()
    np.testing.assert_allclose(batches[0], batches[1], atol=2e-3)  # float16 on the way
    assert sources[0].content() != sources[1].content()
    tables.clear()
    again = sources[1].features(examples, DRAWS, [0, 1])
    assert [report["embedding/cache_hit_rate"] for report in again.reports] == [1.0, 1.0]
