"""One style for each arm in all pictures and tables, distinguishable without color too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Okabe and Ito's palette (2008), safe for common color blindness, without yellow and black, which are invisible on
# white and on dark backgrounds. Further arms repeat it with other markers and dashes.
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
N_COLORS = len(_COLORS)
"""Arms with distinct colors; further ones repeat them in another shape."""
_MARKERS = "osD^vPX"
_LineStyle = Literal["-", "--", ":", "-."]
_DASHES: tuple[_LineStyle, ...] = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class ArmStyle:
    """Color, marker and line style of an arm, as matplotlib names them."""

    color: str
    marker: str
    line: _LineStyle


def arm_styles(arms: Sequence[str]) -> dict[str, ArmStyle]:
    """Return the style of each arm, in their order."""
    styles = {}
    for index, arm in enumerate(arms):
        cycle = index // len(_COLORS)
        marker = _MARKERS[(index + cycle) % len(_MARKERS)]
        styles[arm] = ArmStyle(_COLORS[index % len(_COLORS)], marker, _DASHES[cycle % len(_DASHES)])
    return styles
