"""Notes on predictions, epochs and texts that cannot be shown."""

from typing import TYPE_CHECKING

from seedbed.report.analysis.predictions import UnreadPredictions
from seedbed.report.wording import count, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


def prediction_notes(unread: UnreadPredictions) -> list[str]:
    """Return sentences on damaged predictions, and on cells beyond the limits."""
    notes = _damaged("Predictions", unread.n_damaged, unread.first_error)
    if unread.n_omitted > 0:
        notes.append(
            f"{sentence(count(unread.n_omitted, 'cell'))} left out here: predictions are read as far as they fit."
        )
    return notes


def damaged_files(analysis: "Analysis") -> list[str]:
    """Return sentences on the files of cells that were read so far and are damaged: which, of which run."""
    unread, damaged = analysis.reader.unread(), analysis.histories.damaged
    return [
        *_damaged("Predictions", unread.n_damaged, unread.first_error),
        *_damaged("Epochs", len(damaged), next(iter(damaged.values()), "")),
    ]


def _damaged(what: str, number: int, first_error: str) -> list[str]:
    return [f"{what} of {count(number, 'cell')} cannot be read: {first_error}"] if number else []


def text_notes(analysis: "Analysis") -> list[str]:
    """Return sentences on texts that are not stored, and on draws whose texts differ between arms."""
    stored = analysis.inputs.items
    if stored is None:
        return []
    notes = []
    if stored.left_out:
        notes.append(f"The texts of {count(stored.left_out, 'test example')} are too large and not stored.")
    if {"dataset", "draw"} <= {*analysis.table.columns}:
        draws = set(zip(analysis.table["dataset"], analysis.table["draw"], strict=True))
        if number := len(draws & stored.contested):
            notes.append(
                f"{sentence(count(number, 'draw'))} whose texts differ between arms: only what they have in common is "
                "shown."
            )
    return notes
