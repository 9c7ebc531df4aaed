"""Where progress can be shown as bars."""

import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

LINE_EVERY_S = 30.0
"""Where there is no bar, between two lines about the epochs of a group."""


def has_bar(console: "Console") -> bool:
    """Whether a console shows bars: a terminal, or a notebook with ipywidgets."""
    return console.is_terminal or (console.is_jupyter and importlib.util.find_spec("ipywidgets") is not None)
