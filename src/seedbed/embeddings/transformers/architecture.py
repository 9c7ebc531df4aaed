"""The architectures that are supported, and the shape of a model, from its ``config.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seedbed.embeddings.json_object import read_json_object
from seedbed.errors import InputError
from seedbed.limits import refuse_number

SIZE, LAYERS = 1 << 24, 1000
"""Above the sizes, and the numbers of layers, of every published encoder."""

LAYER_KEYS = ("num_hidden_layers", "n_layers")

PADDING = "pad_token_id"

ACTIVATIONS = {
    "gelu": "gelu", "gelu_python": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu",
    "silu": "silu", "swish": "silu",
}  # fmt: skip
"""Names in ``hidden_act``, and the function of each."""

BERT_TENSORS = {
    "norm": "embeddings.LayerNorm",
    "q": "encoder.layer.{}.attention.self.query",
    "k": "encoder.layer.{}.attention.self.key",
    "v": "encoder.layer.{}.attention.self.value",
    "out": "encoder.layer.{}.attention.output.dense",
    "attention_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "up": "encoder.layer.{}.intermediate.dense",
    "down": "encoder.layer.{}.output.dense",
    "layer_norm": "encoder.layer.{}.output.LayerNorm",
}
BERT_KEYS = {
    "width": "hidden_size", "heads": "num_attention_heads", "layers": "num_hidden_layers",
    "inner": "intermediate_size", "activation": "hidden_act", "positions": "max_position_embeddings",
    "vocabulary": "vocab_size",
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """What differs between architectures: names of tensors and of config keys, and where positions start.

    ``padding``: the default of ``pad_token_id`` where positions are numbered from ``pad_token_id + 1``; None: from 0.
    ``types``: whether there are token types. ``relative``: the tensor of the biases of relative positions.
    """

    tensors: Mapping[str, str] = field(default_factory=lambda: BERT_TENSORS)
    keys: Mapping[str, str] = field(default_factory=lambda: BERT_KEYS)
    padding: int | None = None
    types: bool = True
    relative: str = ""


ROBERTA = Family(padding=1)
FAMILIES: Mapping[str, Family] = {
    "bert": Family(),
    "roberta": ROBERTA,
    "xlm-roberta": ROBERTA,
    "camembert": ROBERTA,
    "distilbert": Family(
        tensors={
            "norm": "embeddings.LayerNorm",
            "q": "transformer.layer.{}.attention.q_lin",
            "k": "transformer.layer.{}.attention.k_lin",
            "v": "transformer.layer.{}.attention.v_lin",
            "out": "transformer.layer.{}.attention.out_lin",
            "attention_norm": "transformer.layer.{}.sa_layer_norm",
            "up": "transformer.layer.{}.ffn.lin1",
            "down": "transformer.layer.{}.ffn.lin2",
            "layer_norm": "transformer.layer.{}.output_layer_norm",
        },
        keys=BERT_KEYS | {
            "width": "dim", "heads": "n_heads", "layers": "n_layers", "inner": "hidden_dim", "activation": "activation",
        },
        types=False,
    ),
    "mpnet": Family(
        tensors=BERT_TENSORS | {
            "q": "encoder.layer.{}.attention.attn.q",
            "k": "encoder.layer.{}.attention.attn.k",
            "v": "encoder.layer.{}.attention.attn.v",
            "out": "encoder.layer.{}.attention.attn.o",
            "attention_norm": "encoder.layer.{}.attention.LayerNorm",
        },
        padding=1,
        types=False,
        relative="encoder.relative_attention_bias",
    ),
}  # fmt: skip
"""By ``model_type``; MiniLM is a small ``bert``."""


@dataclass(frozen=True)
class Architecture:
    """The shape of an encoder. ``first_position``: the row of the first piece; ``buckets``: of relative positions."""

    family: str
    width: int
    heads: int
    layers: int
    inner: int
    activation: str
    positions: int
    vocabulary: int
    epsilon: float = 1e-12
    first_position: int = 0
    buckets: int = 0

    @property
    def longest(self) -> int:
        """The most pieces that have a position, special tokens included."""
        return self.positions - self.first_position


def read_architecture(path: Path) -> Architecture:
    """Return the shape that a ``config.json`` describes; raises InputError, for what is not supported by name."""
    config = read_json_object(path)
    name = _shown(config.get("model_type"))
    if name not in FAMILIES:
        raise InputError(
            f"{path}: model_type={name} is not supported; supported are {', '.join(FAMILIES)} (MiniLM is a bert)"
        )
    family = FAMILIES[name]
    activation = str(config.get(family.keys["activation"], "gelu"))
    if activation not in ACTIVATIONS:
        raise InputError(
            f"{path}: {family.keys['activation']}={_shown(activation)} is not supported; supported are "
            + ", ".join(ACTIVATIONS)
        )
    kind = config.get("position_embedding_type") or "absolute"
    if kind != "absolute":
        raise InputError(f"{path}: position_embedding_type={_shown(kind)} is not supported; supported is absolute")
    sizes = {key: _size(config, json_key, path) for key, json_key in family.keys.items() if key != "activation"}
    if sizes["width"] % sizes["heads"]:
        raise InputError(f"{path}: {sizes['width']} numbers cannot be shared by {sizes['heads']} attention heads")
    return Architecture(
        family=name,
        activation=ACTIVATIONS[activation],
        epsilon=1e-12 if name == "distilbert" else _epsilon(config, path),
        first_position=0 if family.padding is None else _size(config, PADDING, path, family.padding, least=0) + 1,
        buckets=_size(config, "relative_attention_num_buckets", path, 32) if family.relative else 0,
        **sizes,
    )


def _size(config: Mapping[str, Any], key: str, path: Path, default: int | None = None, least: int = 1) -> int:
    value = default if config.get(key) is None else config[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{path}: {key}={_shown(value)}: must be a whole number of at least {least}")
    refuse_number(f"{path}: {key}", value, LAYERS if key in LAYER_KEYS else SIZE)
    return value


def _epsilon(config: Mapping[str, Any], path: Path) -> float:
    value = config.get("layer_norm_eps", 1e-12)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise InputError(f"{path}: layer_norm_eps={_shown(value)}: must be a number from 0 to 1")
    return float(value)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
