"""The files of an exploration."""

from collections.abc import Mapping
from pathlib import Path

from seedbed.files import write_whole
from seedbed.senses.exploration import Exploration
from seedbed.senses.page import render_page
from seedbed.senses.picture import senses_picture
from seedbed.senses.tables import neighbours_csv, points_csv


def write_exploration(exploration: Exploration, folder: Path, about: Mapping[str, object]) -> list[Path]:
    """Write picture, page and tables to ``folder``; return their paths, the page last. Raises InputError."""
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
