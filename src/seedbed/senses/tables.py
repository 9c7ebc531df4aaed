"""The points and the nearest contexts as CSV files."""

import csv
import io
from collections.abc import Iterable, Sequence

from seedbed.senses.exploration import Exploration


def points_csv(exploration: Exploration) -> bytes:
    """A row an occurrence: where it stands, its form, sense and sentence, and its coordinates in every layer."""
    heads = ["number", "place", "position", "form", "sense", "sentence"]
    heads += [f"layer_{layer.number}_{axis}" for layer in exploration.layers for axis in "xy"]
    rows = (
        [
            n + 1, own.passage.place, own.position, own.form, own.passage.sense, " ".join(own.passage.tokens),
            *(f"{value:.6g}" for layer in exploration.layers for value in layer.plane.points[n]),
        ]
        for n, own in enumerate(exploration.occurrences)
    )  # fmt: skip
    return _csv(heads, rows)


def neighbours_csv(exploration: Exploration) -> bytes:
    """A row for each of the nearest contexts of an occurrence, and of the nearest words of a form in a static table."""
    rows: list[list] = []
    for layer in exploration.contextual:
        for n, nearest in enumerate(layer.nearest):
            for rank, near in enumerate(nearest, 1):
                sentence = " ".join(exploration.occurrences[near.number].passage.tokens)
                rows.append([f"layer {layer.number}", n + 1, rank, near.number + 1, sentence, f"{near.cosine:.6f}"])
    if exploration.static is not None:
        for form, words in exploration.static.nearest.items():
            rows += [
                [exploration.static.table, form, rank, "", word, f"{cosine:.6f}"]
                for rank, (word, cosine) in enumerate(words, 1)
            ]
    return _csv(["vectors", "of", "rank", "number", "neighbour", "cosine"], rows)


def _csv(heads: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")
