"""Write a group of trained cells into a sqlite store: all of it in one transaction, or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from seedbed.cells import Outcome
from seedbed.tracking import records
from seedbed.tracking.artifact_location import local_path
from seedbed.tracking.cell_artifacts import EPOCHS, PREDICTIONS
from seedbed.tracking.run_artifacts import RunArtifacts, json_bytes, run_address
from seedbed.tracking.runs import NewRun
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_writer import SqliteWriter
from seedbed.tracking.staged_files import staged_files

WriteFile = Callable[[str, str, bytes], None]
"""Writes an artifact: the id of its run, its name and content."""


def cell_files(outcome: Outcome, tracking: Tracking) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each artifact of a cell."""
    if outcome.history:
        yield EPOCHS, json_bytes(outcome.history)
    if tracking.predictions and outcome.predictions:
        yield PREDICTIONS, records.prediction_lines(outcome.predictions)
    for name, arrays in outcome.recorded.items():
        yield f"{name}.npz", records.arrays_file(arrays)
    yield from outcome.files.items()


def write_at_once(
    writer: SqliteWriter,
    runs: Sequence[NewRun],
    outcomes: Sequence[Outcome],
    tracking: Tracking,
    recorded: str,
    used: Callable[[str], str],
) -> None:
    """Write these runs with the artifacts of their outcomes; after an error there is nothing of either.

    ``recorded``: the address of the experiment's artifacts in the database; ``used``: returns, for the recorded address
    of a run's, the one that is used.
    """
    addresses = [run_address(recorded, run.id) for run in runs]
    with _files(writer, runs, [used(address) for address in addresses], tracking) as (write, publish):
        for run, outcome in zip(runs, outcomes, strict=True):
            for name, content in cell_files(outcome, tracking):
                write(run.id, name, content)
        publish()
        writer.insert(runs, addresses)


@contextmanager
def _files(
    writer: SqliteWriter, runs: Sequence[NewRun], addresses: Sequence[str], tracking: Tracking
) -> Iterator[tuple[WriteFile, Callable[[], None]]]:
    """Return what writes the files of new runs, and what puts them into their places. An error leaves none."""
    ids = [run.id for run in runs]
    root = local_path(addresses[0])
    if root is not None:
        with staged_files(root.parent.parent, ids, writer.database, writer.known) as files:
            yield files.write, files.publish
        return
    remote = {
        run: RunArtifacts(address, tracking.address, tracking.patience)
        for run, address in zip(ids, addresses, strict=True)
    }
    try:
        yield lambda run, name, content: remote[run].write(name, content), lambda: None
    except BaseException:
        with suppress(Exception):
            for run in set(ids) - (writer.known(ids) or set(ids)):
                remote[run].delete()
        raise
