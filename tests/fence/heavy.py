"""Inputs that could take much time or memory: they are measured in a process of their own."""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.fence.content import parquet
from tests.fence.damage import (
    DEEP,
    MB,
    h5_replaced,
    npz_bomb,
    packed,
    repeated_rows,
    repeated_words,
    sparse,
    tar_bomb,
    typed,
    written,
    zip_bomb,
)

HEAVY: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "csv": {
        "a line of 70 MB": written(lambda _: b"a" * (70 * MB)),
        "a sparse file of 3 GB": sparse(3 * 10**9),
        "4 million commas": written(lambda _: b"text,label\n" + b"," * (4 * MB)),
        "4 million lines between two quotes": written(lambda _: b'text,label\n"' + b"a\n" * (4 * MB) + b'",b\n'),
    },
    "csv in gzip": {"80 MB in 80 kB": written(lambda _: packed(gzip.compress))},
    "csv in bz2": {"80 MB in 4 kB": written(lambda _: packed(bz2.compress))},
    "csv in xz": {"80 MB in 13 kB": written(lambda _: packed(lzma.compress))},
    "csv in zip": {"80 MB in 80 kB": written(lambda _: zip_bomb("a.csv"))},
    "parquet table": {
        "3 million equal texts": written(lambda _: repeated_rows()),
        "20,000 columns": written(lambda _: parquet(**{f"c{n}": [1] for n in range(20_000)})),
    },
    "JSON lines": {
        "100,000 levels": written(DEEP),
        "a line of 70 MB": written(lambda _: b'"' + b"a" * (70 * MB)),
        "2 million brackets": written(lambda _: b"[" * 2_000_000),
    },
    "CoNLL": {"4 million columns": written(lambda _: b"a " * (4 * MB))},
    "GloVe text": {
        "a line of 60 MB": written(lambda _: b"the" + b" 1" * (30 * MB)),
        "a sparse file of 15 GB": sparse(15 * 10**9),
        "60 MB of spaces": written(lambda _: b" " * (60 * MB)),
    },
    "GloVe in zip": {"80 MB in 80 kB": written(lambda _: zip_bomb("v.3d.txt"))},
    "words of npy": {"a million equal words": written(lambda _: repeated_words())},
    "vectors by id, npz": {"80 MB in 80 kB": written(lambda _: npz_bomb())},
    "probabilities": {"80 MB in 80 kB": written(lambda _: npz_bomb())},
    "items of a study": {"80 MB in 80 kB": written(lambda _: packed(gzip.compress))},
    "ELMo weights": {
        "a chunk of 100 MB": h5_replaced(
            "char_embed", shape=(261, 2), maxshape=(None, None), chunks=(13 * MB, 2), dtype="f4", compression="gzip"
        ),
        "10^9 numbers in packed chunks": h5_replaced(
            "char_embed", shape=(10**9, 2), chunks=(10**6, 2), dtype="f4", compression="gzip"
        ),
    },
    "token embeddings": {
        "10^9 rows in packed chunks": h5_replaced(
            "embedding", shape=(10**9, 3), chunks=(10**6, 3), dtype="f4", compression="gzip"
        ),
    },
    "safetensors": {"a sparse file of 15 GB": sparse(15 * 10**9)},
    "tokenizer.json": {
        "2 million brackets": written(lambda _: b"[" * 2_000_000),
        "a sparse file of 15 GB": sparse(15 * 10**9),
    },
    "sentencepiece": {"a sparse file of 15 GB": sparse(15 * 10**9)},
    "hub archive, tar": {
        "80 MB in 80 kB": tar_bomb(typed("saved_model.pb", tarfile.REGTYPE)),
        "a name of 80 MB": tar_bomb(typed("././@LongLink", tarfile.GNUTYPE_LONGNAME)),
        "headers of 80 MB": tar_bomb(typed("x", tarfile.XHDTYPE)),
        "20,000 members": written(lambda _: gzip.compress(tarfile.TarInfo("x").tobuf(tarfile.GNU_FORMAT) * 20_000)),
    },
    "hub archive, zip": {"80 MB in 80 kB": written(lambda _: zip_bomb("saved_model.pb"))},
    "archive of a data set": {"80 MB in 80 kB": tar_bomb(typed("x/a.csv", tarfile.REGTYPE))},
    "table of results": {"a sparse file of 3 GB": sparse(3 * 10**9)},
    "raw text": {"a line of 70 MB": written(lambda _: b"a" * (70 * MB)), "a sparse file of 15 GB": sparse(15 * 10**9)},
    "YAML": {"a sparse file of 15 GB": sparse(15 * 10**9)},
    "vocabulary": {"a sparse file of 15 GB": sparse(15 * 10**9)},
}
