"""All pictures of a search."""

from typing import TYPE_CHECKING

from seedbed.report.pictures.budget import NAME as BUDGET
from seedbed.report.pictures.budget import budget_picture
from seedbed.report.pictures.parallel import NAMES as PARALLEL
from seedbed.report.pictures.parallel import parallel_pictures
from seedbed.report.pictures.rendering import Picture
from seedbed.report.pictures.slices import NAME as SLICES
from seedbed.report.pictures.slices import slices_picture

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

NAMES = (BUDGET, SLICES, *PARALLEL)


def search_pictures(analysis: "Analysis") -> list[Picture]:
    """Return budget curves, slices and parallel coordinates; empty without a search."""
    if analysis.inputs.tuning is None:
        return []
    pictures = [budget_picture(analysis), slices_picture(analysis), *parallel_pictures(analysis)]
    return [picture for picture in pictures if picture is not None]
