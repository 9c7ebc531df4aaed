"""Extract files from a downloaded archive into its folder."""

import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from seedbed.errors import InputError
from seedbed.files import replace_file

UNLABELLED_FILE = "unlabelled.jsonl"

METHODS = ("", "aclimdb")
"""How to extract: ``""`` the member with the wanted name; ``aclimdb``: one file per review, written as JSON lines."""


def is_archive(name: str) -> bool:
    """Return whether a file of this name is an archive."""
    return name.endswith((".zip", ".tar.gz", ".tgz"))


def unpack(archive: Path, name: str, method: str = "") -> list[Path]:
    """Extract file ``name`` from ``archive``; return the files written to its folder. Raises InputError."""
    try:
        if method == "aclimdb":
            return _aclimdb(archive, name)
        return [_member(archive, name)]
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{archive}: damaged archive: {error}; remove it, and it is fetched again") from error


def _member(archive: Path, name: str) -> Path:
    for _, content in _files(archive, lambda inside: inside == name or inside.endswith(f"/{name}")):
        target = archive.parent / name
        replace_file(target, content)
        return target
    raise InputError(f"{archive}: has no file {name}")


def _aclimdb(archive: Path, wanted: str) -> list[Path]:
    """Convert ``aclImdb/SPLIT/CLASS/NUMBER_STARS.txt`` to ``SPLIT.jsonl``, sorted by label (1 is pos) and number.

    ``aclImdb/train/unsup/NUMBER_0.txt``, where the archive has them, to ``unlabelled.jsonl``, sorted by number.
    """
    if wanted not in (*(f"{split}.jsonl" for split in ("train", "test")), UNLABELLED_FILE):
        raise InputError(f"{archive}: has no reviews for {wanted}")
    rows: dict[str, list[tuple[int, int, str, str]]] = {"train": [], "test": []}
    unlabelled: list[tuple[int, str, str]] = []
    labels = {"neg": 0, "pos": 1}
    for inside, content in _files(archive, lambda inside: inside.endswith(".txt")):
        split, label, file = ["", "", *inside.split("/")][-3:]
        if split in rows and label in (*labels, "unsup"):
            stem = file.removesuffix(".txt")
            number, name, text = int(stem.partition("_")[0]), f"{split}/{label}/{stem}", content.decode("utf-8")
            if label in labels:
                rows[split].append((labels[label], number, name, text))
            else:
                unlabelled.append((number, name, text))
    targets = []
    for split, reviews in rows.items():
        if not reviews:
            raise InputError(f"{archive}: has no reviews under {split}/neg and {split}/pos")
        lines = [
            json.dumps(
                {"id": name, "label": label, "stars": int(name.rpartition("_")[2]), "text": text}, ensure_ascii=False
            )
            for label, _, name, text in sorted(reviews)
        ]
        targets.append(archive.parent / f"{split}.jsonl")
        replace_file(targets[-1], ("\n".join(lines) + "\n").encode())
    if unlabelled:
        lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for _, name, text in sorted(unlabelled)]
        targets.append(archive.parent / UNLABELLED_FILE)
        replace_file(targets[-1], ("\n".join(lines) + "\n").encode())
    if wanted not in [path.name for path in targets]:
        raise InputError(f"{archive}: has no reviews for {wanted}")
    return targets


def _files(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as members:
            for name in members.namelist():
                if wanted(name):
                    yield name, members.read(name)
        return
    with tarfile.open(archive) as members:
        for member in members:
            if member.isfile() and wanted(member.name):
                stream = members.extractfile(member)
                yield member.name, stream.read() if stream else b""
