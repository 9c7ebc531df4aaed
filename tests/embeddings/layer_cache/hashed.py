"""A model whose rows are a hash of the tokens; run as a script, it fills the cache as a process of its own.

``python hashed.py SENTENCES SECONDS``: so many sentences, with a pause before each batch.
"""

import hashlib
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from seedbed.embeddings.layers import Layout

DIGEST = hashlib.sha256(b"hashed").hexdigest()


class Hashed:
    """Rows between -4 and 4; the longest sentences come first, ``size`` a batch."""

    def __init__(self, widths=(2, 4), size=3, pause=0.0, calls=None, scale=1.0):
        self.layout, self.size, self.pause, self.scale = Layout(widths), size, pause, scale
        self.calls = [] if calls is None else calls

    def rows(self, tokens):
        seed = int.from_bytes(hashlib.sha256("\n".join(tokens).encode("utf-8", "surrogatepass")).digest()[:8], "big")
        drawn = np.random.default_rng(seed).uniform(-4, 4, (len(tokens), self.layout.total))
        return (drawn * self.scale).astype(np.float32)

    def batches(self, sentences):
        order = sorted(range(len(sentences)), key=lambda n: -len(sentences[n]))
        for start in range(0, len(order), self.size):
            time.sleep(self.pause)
            batch = order[start : start + self.size]
            self.calls += [tuple(sentences[n]) for n in batch]
            yield batch, [self.rows(sentences[n]) for n in batch]

    def carried(self, sentences):
        for tokens in sentences:
            yield self.rows(tokens)


@dataclass
class Settings:
    """As those of an embedding; ``opened`` counts, ``calls`` has each sentence that was computed."""

    pause: float = 0.0
    scale: float = 1.0
    widths: tuple[int, ...] = (2, 4)
    digests: str = DIGEST
    cache: bool = True
    cache_gb: float = 1.0
    name: str = "hashed"
    opened: int = 0
    calls: list = field(default_factory=list)

    def digest(self):
        return self.digests

    def name_of_model(self):
        return self.name

    def open(self):
        self.opened += 1
        return Hashed(self.widths, pause=self.pause, calls=self.calls, scale=self.scale)


def sentences(number):
    """Of 1 to 40 tokens."""
    return [tuple(f"w{n}-{i}" for i in range(1 + n * 7 % 40)) for n in range(number)]


if __name__ == "__main__":
    from seedbed.embeddings.layer_cache import filling
    from seedbed.embeddings.layer_cache.cached_layers import cached_layers

    filling.COMMIT_S = 0.0
    settings = Settings(pause=float(sys.argv[2]))
    print("begun", flush=True)
    cached_layers(sentences(int(sys.argv[1])), settings, lambda embedded: print("at", embedded.done, flush=True))
    print("computed", len(settings.calls), flush=True)
