"""seedbed: which text representation is better, by how much, and how sure one may be.

`seedbed.load`, `seedbed.arm`, `seedbed.compare`, `seedbed.results`, `seedbed.analyse` and `seedbed.load_model` are the
Python API; they are imported when they are first used, so that ``import seedbed`` stays fast.
"""

import importlib

__version__ = "0.1.0"

__all__ = [
    "Arm", "Comparison", "Corpus", "InputError", "__version__", "analyse", "arm", "compare", "load", "load_model",
    "results",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in __all__:
        module = "seedbed.saved_models.model" if name == "load_model" else "seedbed.api"  # fewer imports
        return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'seedbed' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
