"""The files of an exploration, each written whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedbed.files import write_whole
from seedbed.senses.exploration import Exploration
from seedbed.senses.page import render_page
from seedbed.senses.picture import senses_picture
from seedbed.senses.tables import neighbours_csv, points_csv


def write_exploration(exploration: Exploration, folder: Path, about: Mapping[str, Any]) -> list[Path]:
    """Picture, page and tables in ``folder``: their paths, the page last. Raises InputError."""
    picture = senses_picture(exploration)
    contents = {
        "senses.png": picture.png,
        "senses.svg": picture.svg,
        "points.csv": points_csv(exploration),
        "neighbours.csv": neighbours_csv(exploration),
        "senses.html": render_page(exploration, about).encode("utf-8", "replace"),
    }
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
