"""The vectors of the sentences of a file, as an ``.npz`` that is written whole or not at all."""

import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.errors import InputError
from seedbed.files import replacing

BLOCK_BYTES = 256 << 20
"""The rows that are in memory at once, to be written in the order of the lines."""


def write_vectors(given: str, output: str, settings: Any, device: str) -> str:
    """Compute and write; returns what was done, in one line. Raises InputError.

    ``settings``: an ``Elmo``.
    """
    sentences = read_sentences(Path(given).expanduser(), settings.max_tokens)
    target = Path(output).expanduser()
    with whole_archive(target) as archive:
        from seedbed.backend import select_device
        from seedbed.progress.tokens import TokenProgress

        select_device(device)
        tokens = sum(map(len, sentences))
        with TokenProgress(settings.name_of_model()) as progress:
            progress.show(0, tokens)
            model = settings.open()
            started, done = time.perf_counter(), 0
            for n, rows in enumerate(_rows(model, sentences, settings.state == "carried")):
                if not np.isfinite(rows).all():
                    raise InputError(f"{given}:{n + 1}: {settings.name_of_model()} gives numbers that are not finite")
                _add(archive, f"layers_{n}", model.layout.layers(rows).astype(np.float32, copy=False))
                done += len(rows)
                progress.show(done, tokens)
    seconds = time.perf_counter() - started
    return f"{target}: " + "; ".join(_said(model, sentences, tokens, seconds))


def read_sentences(path: Path, max_tokens: int) -> list[list[str]]:
    """The tokens of each line; raises InputError for a line that is too long, and a file that cannot be read."""
    from seedbed.data.text_files import lines, of_no_data_set

    try:
        read = lines(path, "utf-8")
    except InputError as error:
        raise of_no_data_set(error) from error
    sentences = [[token for token in line.split(" ") if token] for line in read]
    for number, tokens in enumerate(sentences, 1):
        if len(tokens) > max_tokens:
            raise InputError(
                f"{path}:{number}: {len(tokens)} tokens, and embedding.max_tokens={max_tokens}; raise it, or divide "
                "the line"
            )
    return sentences


@contextmanager
def whole_archive(target: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that takes its place when all is written; raises InputError where it cannot."""
    if target.suffix != ".npz":
        raise InputError(f"output={target}: must end in .npz")
    try:
        if target.is_dir():
            raise InputError(f"output={target}: is a folder")
        if not target.parent.is_dir():
            raise InputError(f"output={target}: there is no folder {target.parent}")
        with replacing(target) as stream, zipfile.ZipFile(stream, "w") as archive:
            yield archive
    except OSError as error:
        raise InputError(f"output={target}: cannot be written: {error.strerror or error}") from error


def _rows(model: Any, sentences: Sequence[list[str]], carried: bool) -> Iterator[np.ndarray]:
    """float32 ``[tokens, total]`` of every sentence, in order."""
    if carried:
        found = model.carried([tokens for tokens in sentences if tokens])
        for tokens in sentences:
            yield next(found) if tokens else np.zeros((0, model.layout.total), np.float32)
        return
    for block in _blocks(sentences, BLOCK_BYTES // (4 * model.layout.total)):
        asked = [n for n in block if sentences[n]]
        rows = {n: np.zeros((0, model.layout.total), np.float32) for n in block}
        for positions, arrays in model.batches([sentences[n] for n in asked]):
            rows |= {asked[position]: array for position, array in zip(positions, arrays, strict=True)}
        for n in block:
            yield rows.pop(n)


def _blocks(sentences: Sequence[list[str]], room: int) -> Iterator[Iterable[int]]:
    """Successive sentences, of ``room`` tokens or a little more."""
    first = held = 0
    for n, tokens in enumerate(sentences):
        held += len(tokens)
        if held >= room or n == len(sentences) - 1:
            yield range(first, n + 1)
            first, held = n + 1, 0


def _add(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


def _said(model: Any, sentences: Sequence[list[str]], tokens: int, seconds: float) -> Iterator[str]:
    empty = sum(not sentence for sentence in sentences)
    sizes = f"{counted(len(sentences), 'line')}, {counted(tokens, 'token')}"
    yield sizes + (f", {empty:,} of the lines empty" if empty else "")
    yield f"{len(model.layout.widths)} layers of {model.layout.dim} numbers"
    yield f"computed in {seconds:.1f} s ({tokens / max(seconds, 1e-9):,.0f} tokens a second)"
    for what, count in getattr(model, "counts", {}).items():
        if count:
            yield f"{what.replace('_', ' ')}: {count:,}"


def counted(number: int, noun: str) -> str:
    """``1 line``, ``2,000 lines``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
