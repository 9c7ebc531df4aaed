"""The sizes of a biLM, from one for tests to the published one."""

from seedbed.embeddings.bilm.characters import ROWS
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.errors import InputError

COLUMNS = 50
"""Characters of a word, including its two end marks, as in all published models."""

CLIP = 3.0


def _size(units: int, projection: int, filters: tuple[tuple[int, int], ...], highways: int) -> Architecture:
    characters = CharCnn(16, filters, COLUMNS, highways, "relu")
    return Architecture(characters, units, projection, 2, CLIP, CLIP, skip=True)


PUBLISHED = ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024))
"""The filters of Peters et al. (2018): width and number."""

SIZES = {
    "tiny": _size(128, 32, ((1, 8), (2, 8), (3, 16), (4, 32)), 1),
    "small": _size(512, 128, ((1, 16), (2, 16), (3, 32), (4, 64), (5, 128), (6, 128)), 1),
    "medium": _size(2048, 256, PUBLISHED, 1),
    "original": _size(4096, 512, PUBLISHED, 2),
}
"""``medium`` and ``original`` are the published ones of these names; ``small`` has 2.8 million weights."""


def architecture_of(size: str) -> Architecture:
    """Return the architecture of a size. Raises InputError."""
    if size not in SIZES:
        raise InputError(f"size={size}: choose {', '.join(SIZES)}")
    return SIZES[size]


def character_cnn(architecture: Architecture) -> CharCnn:
    """Return the character network. Raises InputError where words are known by number only."""
    if architecture.characters is None:
        raise InputError("the model knows words by number, and cannot be trained from characters")
    return architecture.characters


def options_of(architecture: Architecture) -> dict[str, object]:
    """Return the keys of AllenNLP's ``options.json``."""
    cnn = character_cnn(architecture)
    return {
        "lstm": {
            "use_skip_connections": architecture.skip,
            "projection_dim": architecture.projection,
            "cell_clip": architecture.cell_clip,
            "proj_clip": architecture.projection_clip,
            "dim": architecture.units,
            "n_layers": architecture.layers,
        },
        "char_cnn": {
            "activation": cnn.activation,
            "filters": [list(pair) for pair in cnn.filters],
            "n_highway": cnn.highways,
            "embedding": {"dim": cnn.dim},
            "n_characters": ROWS + 1,
            "max_characters_per_token": cnn.columns,
        },
    }
