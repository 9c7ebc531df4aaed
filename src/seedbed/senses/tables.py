"""Points and nearest neighbors as CSV files."""

import csv
import io
from collections.abc import Iterable, Sequence

from seedbed.senses.exploration import Exploration


def points_csv(exploration: Exploration) -> bytes:
    """Return a row for each occurrence: location, form, sense and sentence, and its coordinates in every layer."""
    columns = ["number", "place", "position", "form", "sense", "sentence"]
    columns += [f"layer_{layer.number}_{axis}" for layer in exploration.layers for axis in "xy"]
    rows = []
    for n, occurrence in enumerate(exploration.occurrences):
        passage = occurrence.passage
        row = [n + 1, passage.location, occurrence.position, occurrence.form, passage.sense, " ".join(passage.tokens)]
        rows.append([*row, *(f"{value:.6g}" for layer in exploration.layers for value in layer.plane.points[n])])
    return _csv(columns, rows)


def neighbours_csv(exploration: Exploration) -> bytes:
    """Return a row for each neighbor: nearest contexts of occurrences, and nearest words of forms in a static table."""
    rows: list[list[object]] = []
    for layer in exploration.contextual_layers:
        for n, nearest in enumerate(layer.nearest):
            for rank, (number, cosine) in enumerate(nearest, 1):
                sentence = " ".join(exploration.occurrences[number].passage.tokens)
                rows.append([f"layer {layer.number}", n + 1, rank, number + 1, sentence, f"{cosine:.6f}"])
    if exploration.static is not None:
        for form, words in exploration.static.nearest.items():
            rows += [
                [exploration.static.table, form, rank, "", word, f"{cosine:.6f}"]
                for rank, (word, cosine) in enumerate(words, 1)
            ]
    return _csv(["vectors", "of", "rank", "number", "neighbour", "cosine"], rows)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")
