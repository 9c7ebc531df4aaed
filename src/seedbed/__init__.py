"""seedbed: which text representation is better, by how much, and how sure one may be.

`seedbed.load`, `seedbed.arm`, `seedbed.compare`, `seedbed.cells` and `seedbed.analyse` are the Python API; they are
imported when they are first used, so that ``import seedbed`` stays fast.
"""

import importlib

__version__ = "0.1.0"

__all__ = ["Arm", "Comparison", "Corpus", "InputError", "__version__", "analyse", "arm", "compare", "load", "results"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module("seedbed.api"), name)
    raise AttributeError(f"module 'seedbed' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
