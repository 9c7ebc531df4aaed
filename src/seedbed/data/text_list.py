"""The texts of a data set as JSON lines, for programs that compute vectors elsewhere."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from seedbed.data.corpus import Corpus
from seedbed.files import write_whole


def text_sha256(tokens: Sequence[str]) -> str:
    """Return the sha256 of the UTF-8 bytes of the tokens joined by single spaces, in lower-case hex."""
    return hashlib.sha256(" ".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()


def write_text_list(corpus: Corpus, path: Path) -> int:
    """Write a line with ``id``, ``sha256``, ``text`` and ``tokens`` for each example; return their number.

    The labels stay out. Raises InputError where the file cannot be written.
    """
    rows = (
        {"id": x.id, "sha256": text_sha256(x.tokens), "text": " ".join(x.tokens), "tokens": x.tokens} for x in corpus
    )
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    write_whole(path, "".join(lines).encode("utf-8", "surrogatepass"))
    return len(lines)
