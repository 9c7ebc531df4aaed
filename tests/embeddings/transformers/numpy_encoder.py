"""An encoder in NumPy, float64, one text at a time, in loops: what the network is checked against."""

import math

import numpy as np

from seedbed.embeddings.transformers.architecture import FAMILIES

ERF = np.vectorize(math.erf)


def bucket_of(distance, buckets=32, most=128):
    """Bucket of another piece that is ``distance`` after this one (MPNet, as in T5)."""
    half = buckets // 2
    side, n = (half if distance > 0 else 0), abs(distance)
    if n < half // 2:
        return side + n
    return side + min(half - 1, half // 2 + int(math.log(n / (half // 2)) / math.log(most / (half // 2)) * (half // 2)))


def layers_of(name, arrays, ids, heads):
    """All layers ``[layers + 1, T, width]`` of the pieces of a text."""
    family = FAMILIES[name]

    def dense(x, tensor):
        return x @ arrays[f"{tensor}.weight"].T + arrays[f"{tensor}.bias"]

    def norm(x, tensor):
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)
        return (x - x.mean(axis=-1, keepdims=True)) / spread * arrays[f"{tensor}.weight"] + arrays[f"{tensor}.bias"]

    first = 0 if family.padding is None else family.padding + 1
    x = arrays["embeddings.word_embeddings.weight"][ids]
    x = x + arrays["embeddings.position_embeddings.weight"][first : first + len(ids)]
    if family.types:
        x = x + arrays["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, family.tensors["norm"])
    layers = [x]
    width = x.shape[1] // heads
    while f"{family.tensors['q'].format(len(layers) - 1)}.weight" in arrays:
        tensor = {key: text.format(len(layers) - 1) for key, text in family.tensors.items()}
        q, k, v = (dense(x, tensor[key]) for key in "qkv")
        heads_out = []
        for head in range(heads):
            part = slice(head * width, (head + 1) * width)
            scores = q[:, part] @ k[:, part].T / math.sqrt(width)
            if family.relative:
                bias = arrays[f"{family.relative}.weight"][:, head]
                scores = scores + [[bias[bucket_of(m - n)] for m in range(len(ids))] for n in range(len(ids))]
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            heads_out.append(shares / shares.sum(axis=1, keepdims=True) @ v[:, part])
        x = norm(x + dense(np.concatenate(heads_out, axis=1), tensor["out"]), tensor["attention_norm"])
        inner = dense(x, tensor["up"])
        x = norm(x + dense(inner * (1 + ERF(inner / math.sqrt(2))) / 2, tensor["down"]), tensor["layer_norm"])
        layers.append(x)
    return np.stack(layers)
