"""One look for each arm in all pictures and tables, told apart without colour too."""

from collections.abc import Sequence
from dataclasses import dataclass

# Okabe and Ito's palette (2008), safe for the common colour blindnesses, less its yellow and black, which vanish on
# white and on dark paper; then again with other markers and dashes.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
COLOURS = len(_COLOURS)
"""So many arms have a colour of their own; the next ones have it again, in another shape."""
_MARKERS = "osD^vPX"
_DASHES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class ArmStyle:
    """Colour, marker and line of an arm, in matplotlib's words."""

    colour: str
    marker: str
    line: str


def arm_styles(arms: Sequence[str]) -> dict[str, ArmStyle]:
    """A style for each arm, in their order."""
    styles = {}
    for position, arm in enumerate(arms):
        turn = position // len(_COLOURS)
        marker = _MARKERS[(position + turn) % len(_MARKERS)]
        styles[arm] = ArmStyle(_COLOURS[position % len(_COLOURS)], marker, _DASHES[turn % len(_DASHES)])
    return styles
