"""Write the vectors of the sentences of a file as an ``.npz``, completely or not at all."""

import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.embeddings.elmo import Elmo
from seedbed.errors import InputError
from seedbed.files import replacing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seedbed.embeddings.contextual import ContextualSettings
    from seedbed.embeddings.features import EmbeddingSettings

    Rows = NDArray[np.float32]

BLOCK_BYTES = 256 << 20
"""The rows held in memory at once, to be written in the order of the lines."""


def write_vectors(path: str, output: str, settings: "ContextualSettings", device: str) -> str:
    """Compute and write the vectors; return a summary of one line. Raises InputError."""
    sentences = read_sentences(Path(path).expanduser(), settings.max_tokens)
    target = Path(output).expanduser()
    if isinstance(settings, Elmo):
        settings.check()
    with complete_archive(target) as archive:
        from seedbed.devices import select_device
        from seedbed.progress.tokens import TokenProgress

        select_device(device)
        tokens = sum(map(len, sentences))
        with TokenProgress(settings.name_of_model()) as progress:
            progress.show(0, tokens)
            model = settings.open()
            started, done = time.perf_counter(), 0
            for n, rows in enumerate(_rows(model, sentences, settings.state == "carried")):
                if not np.isfinite(rows).all():
                    raise InputError(f"{path}:{n + 1}: {settings.name_of_model()} gives numbers that are not finite")
                _add(archive, f"layers_{n}", model.layout.layers(rows).astype(np.float32, copy=False))
                done += len(rows)
                progress.show(done, tokens)
    seconds = time.perf_counter() - started
    return f"{target}: " + "; ".join(_summary(model, sentences, tokens, seconds))


def write_features(path: str, output: str, settings: "EmbeddingSettings", device: str) -> str:
    """Write the vectors of an embedding that has no layers, ``[1, tokens, dim]``; return a summary. Raises InputError.

    The examples have the numbers of their lines as ids, from 1.
    """
    from seedbed.data.corpus import Example

    sentences = read_sentences(Path(path).expanduser(), None)
    target = Path(output).expanduser()
    with complete_archive(target) as archive:
        from seedbed.devices import select_device

        settings.content()  # before a backend is imported
        select_device(device)
        examples = [Example(str(n), tuple(tokens), "") for n, tokens in enumerate(sentences, 1)]
        features = settings.features(examples, [{"train": range(len(examples))}], [0])
        constants = {**features.arrays.frozen, **features.arrays.shared}
        for n, sentence in enumerate(sentences):
            inputs = features.inputs([0], [[n]], (len(sentence), 1))
            rows = np.asarray(features.embed(features.arrays.trained, constants, inputs), np.float32)
            _add(archive, f"layers_{n}", rows[0, :, 0][None])
    tokens = sum(map(len, sentences))
    return f"{target}: {_sizes(sentences, tokens)}; 1 layer of {features.width} numbers"


def read_sentences(path: Path, max_tokens: int | None) -> list[list[str]]:
    """Return the tokens of each line. InputError for a line that is too long, and a file that cannot be read."""
    from seedbed.data.text_files import lines, of_no_data_set

    try:
        texts = lines(path, "utf-8")
    except InputError as error:
        raise of_no_data_set(error) from error
    sentences = [[token for token in line.split(" ") if token] for line in texts]
    for number, tokens in enumerate(sentences, 1):
        if max_tokens is not None and len(tokens) > max_tokens:
            raise InputError(
                f"{path}:{number}: {len(tokens)} tokens, and embedding.max_tokens={max_tokens}; raise it, or split "
                "the line"
            )
    return sentences


@contextmanager
def complete_archive(target: Path) -> Iterator[zipfile.ZipFile]:
    """Yield an archive that is renamed to ``target`` when complete. InputError where it cannot be written."""
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


def _rows(model: Any, sentences: Sequence[list[str]], carried: bool) -> "Iterator[Rows]":
    """Yield the float32 ``[tokens, total]`` of every sentence, in order."""
    if carried:
        rows_of_sentences = model.carried([tokens for tokens in sentences if tokens])
        for tokens in sentences:
            yield next(rows_of_sentences) if tokens else np.zeros((0, model.layout.total), np.float32)
        return
    for block in _blocks(sentences, BLOCK_BYTES // (4 * model.layout.total)):
        filled = [n for n in block if sentences[n]]
        rows = {n: np.zeros((0, model.layout.total), np.float32) for n in block}
        for positions, arrays in model.batches([sentences[n] for n in filled]):
            rows |= {filled[position]: array for position, array in zip(positions, arrays, strict=True)}
        for n in block:
            yield rows.pop(n)


def _blocks(sentences: Sequence[list[str]], room: int) -> Iterator[Iterable[int]]:
    """Yield the indices of successive sentences with at least ``room`` tokens together."""
    first = total = 0
    for n, tokens in enumerate(sentences):
        total += len(tokens)
        if total >= room or n == len(sentences) - 1:
            yield range(first, n + 1)
            first, total = n + 1, 0


def _add(archive: zipfile.ZipFile, name: str, array: "Rows") -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


def _summary(model: Any, sentences: Sequence[list[str]], tokens: int, seconds: float) -> Iterator[str]:
    yield _sizes(sentences, tokens)
    yield f"{len(model.layout.widths)} layers of {model.layout.dim} numbers"
    yield f"computed in {seconds:.1f} s ({tokens / max(seconds, 1e-9):,.0f} tokens a second)"
    for what, count in getattr(model, "counts", {}).items():
        if count:
            yield f"{what.replace('_', ' ')}: {count:,}"


def _sizes(sentences: Sequence[list[str]], tokens: int) -> str:
    empty = sum(not sentence for sentence in sentences)
    sizes = f"{counted(len(sentences), 'line')}, {counted(tokens, 'token')}"
    return sizes + (f", {empty:,} of the lines empty" if empty else "")


def counted(number: int, noun: str) -> str:
    """Return ``1 line`` or ``2,000 lines``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
