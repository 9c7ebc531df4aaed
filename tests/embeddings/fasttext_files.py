"""Writes fastText models byte by byte, as ``FastText::saveModel`` of fastText 0.9.2 does."""

import struct

import numpy as np

WORDS = ("</s>", "the", "film", "naïve", "🙂ok")
DIM, BUCKETS = 3, 7
SKIPGRAM, SUPERVISED = 2, 3


def matrix(rows, dim=DIM):
    """Multiples of 0.25, so that sums are exact."""
    i, j = np.arange(rows)[:, None], np.arange(dim)
    return (((7 * i + 3 * j) % 11 - 5) / 4).astype("<f4")


def model(
    words=WORDS, labels=(), buckets=BUCKETS, shortest=2, longest=3, dim=DIM, magic=793712314, version=12, kind=SKIPGRAM,
    pruned=-1, quantized=False, vectors=None,
) -> bytes:  # fmt: skip
    """Return the bytes of a model."""
    vectors = matrix(len(words) + buckets, dim) if vectors is None else vectors
    header = struct.pack("<14i", magic, version, dim, 5, 1, 1, 5, 1, 2, kind, buckets, shortest, longest, 100)
    dictionary = struct.pack("<3i2q", len(words) + len(labels), len(words), len(labels), 100, pruned)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 256, 0) for word in words)
    entries += b"".join(label.encode() + b"\0" + struct.pack("<qb", 1, 1) for label in labels)
    outputs = matrix(len(labels) or len(words), dim)
    return b"".join([
        header, struct.pack("<d", 1e-4), dictionary, entries, struct.pack("<?2q", quantized, *vectors.shape),
        vectors.tobytes(), struct.pack("<?2q", False, *outputs.shape), outputs.tobytes(),
    ])  # fmt: skip


def written(path, **settings):
    """Write a model; return its path."""
    path.write_bytes(model(**settings))
    return path
