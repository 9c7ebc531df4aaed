"""Extract files from a downloaded archive into its folder."""

import json
import re
import shutil
from pathlib import Path

from seedbed.data.archive_files import Content, files_in, is_archive
from seedbed.errors import InputError
from seedbed.files import replace_file, replacing

__all__ = ["is_archive", "unpack"]

UNLABELLED_FILE = "unlabelled.jsonl"

METHODS = ("", "aclimdb")
"""How to extract: ``""`` the member with the wanted name; ``aclimdb``: one file per review, written as JSON lines."""


REVIEW = re.compile(r"/[0-9]{1,9}_[0-9]{1,9}\.txt$")


def unpack(archive: Path, name: str, method: str = "") -> list[Path]:
    """Extract file ``name`` from ``archive``; return the files written to its folder. Raises InputError."""
    return _aclimdb(archive, name) if method == "aclimdb" else [_member(archive, name)]


def _member(archive: Path, name: str) -> Path:
    for _, content in files_in(archive, lambda inside: inside == name or inside.endswith(f"/{name}")):
        target = archive.parent / name
        with replacing(target) as out:
            shutil.copyfileobj(content, out, 1 << 20)
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
    for inside, content in files_in(archive, lambda inside: inside.endswith(".txt")):
        split, label, file = ["", "", *inside.split("/")][-3:]
        if split in rows and label in (*labels, "unsup"):
            stem = file.removesuffix(".txt")
            name, text = f"{split}/{label}/{stem}", _review(archive, inside, content)
            number = int(stem.partition("_")[0])
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


def _review(archive: Path, inside: str, content: Content) -> str:
    """Return the text of a review. InputError for a name that is not ``NUMBER_STARS.txt``, and another encoding."""
    if not REVIEW.search(inside):
        raise InputError(f"{archive}: {inside[:80]}: a review is named NUMBER_STARS.txt")
    try:
        return content.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{archive}: {inside[:80]}: not UTF-8") from error
