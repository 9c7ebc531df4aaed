import numpy as np

from seedbed.embeddings.text_features import TextFeatures


def test_a_batch_has_the_vector_of_each_text_and_zeros_elsewhere():
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    features = TextFeatures(vectors, [{}, {}])
    inputs = features.inputs([0, 1], [[4, 0], [2]], (1, 3))
    batch = np.asarray(features.embed({}, features.arrays.shared, inputs))
    expected = np.zeros((2, 1, 3, 3), np.float32)
    expected[0, 0, 0], expected[0, 0, 1], expected[1, 0, 0] = vectors[4], vectors[0], vectors[2]
    np.testing.assert_array_equal(batch, expected)
