"""Detect file formats from the first bytes of a file, with advice for formats that are not read."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = 1024
"""Number of bytes that identify a format."""


@dataclass(frozen=True)
class FileFormat:
    """A file format; ``advice``: what to do with such a file, where it differs from the default advice."""

    name: str
    advice: str = ""


PACKED = [FileFormat(f"packed by {name}", "unpack it once") for name in ("gzip", "bzip2", "xz", "zstd", "zip")]
GZIP, BZIP2, XZ, ZSTD, ZIP = PACKED
PARQUET = FileFormat("a Parquet file")
NPY = FileFormat("a NumPy array (.npy)")
PICKLE = FileFormat("a Python pickle, which is never opened, as it can run any code")
WIDE = {
    name: FileFormat(
        f"{name} text", f"write it as UTF-8, or, where it is a data set's: dataset.reader.encoding={name.lower()}"
    )
    for name in ("UTF-16", "UTF-16-LE", "UTF-16-BE", "UTF-32")
}
"""Text encodings with two or four bytes per character."""

_SHEET, _UNPACK = "save it as CSV", "unpack it, and name the file inside"
FASTTEXT = FileFormat(
    "a fastText model (.bin)",
    "embedding=fasttext_bin reads it; or take the .vec file that belongs to it: words with their numbers, a line each",
)
_IMAGE = FileFormat("a picture", "plain text is needed")
_PYTORCH = FileFormat("a PyTorch file, which is never opened, as it can run any code")

MAGIC: tuple[tuple[int, bytes, FileFormat], ...] = (
    (0, b"\x1f\x8b", GZIP),
    (4, b"1AY&SY", BZIP2),
    (4, b"\x17\x72\x45\x38\x50\x90", BZIP2),
    (0, b"\xfd7zXZ\x00", XZ),
    (0, b"\x28\xb5\x2f\xfd", ZSTD),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\x04\x22\x4d\x18", FileFormat("packed by lz4", _UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", FileFormat("a 7z archive", _UNPACK)),
    (0, b"Rar!\x1a\x07", FileFormat("a RAR archive", _UNPACK)),
    (0, b"\x1f\x9d", FileFormat("packed by compress (.Z)", _UNPACK)),
    (257, b"ustar", FileFormat("a tar archive", _UNPACK)),
    (0, b"PAR1", PARQUET),
    (0, b"PARE", FileFormat("an encrypted Parquet file")),
    (0, b"ARROW1\x00\x00", FileFormat("an Arrow or Feather file")),
    (0, b"\xff\xff\xff\xff", FileFormat("a stream of Arrow")),
    (0, b"FEA1", FileFormat("a Feather file")),
    (0, b"ORC", FileFormat("an ORC file")),
    (0, b"Obj\x01", FileFormat("an Avro file")),
    (0, b"\x89HDF\r\n\x1a\n", FileFormat("an HDF5 file")),
    (0, b"\x93NUMPY", NPY),
    *((0, bytes([0x80, protocol]), PICKLE) for protocol in range(2, 6)),
    (0, b"\xba\x16\x4f\x2f", FASTTEXT),
    (0, b"GGUF", FileFormat("a GGUF model")),
    (0, b"%PDF-", FileFormat("a PDF", "plain text is needed")),
    *(
        (0, magic, FileFormat("a picture", "plain text is needed"))
        for magic in (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")
    ),
    *(
        (0, start, FileFormat("an HTML page, not the file itself", "download it again"))
        for start in (b"<!DOCTYPE html", b"<!doctype html", b"<!DOCTYPE HTML")
    ),
    (0, b"{\\rtf", FileFormat("an RTF document", "plain text is needed")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileFormat("an old Office document (.xls, .doc)", _SHEET)),
    (0, b"SQLite format 3\x00", FileFormat("an SQLite database", "write its table as CSV")),
    (0, b"RDX2\n", FileFormat("R data", "write it with write.csv(..., row.names=FALSE)")),
    (0, b"RDX3\n", FileFormat("R data", "write it with write.csv(..., row.names=FALSE)")),
    (0, b"X\n\x00\x00\x00", FileFormat("R data", "write it with write.csv(..., row.names=FALSE)")),
    (0, b"version https://git-lfs.github.com/spec/", FileFormat("a pointer of Git LFS, not the file", "git lfs pull")),
    (0, b"\xff\xfe\x00\x00", WIDE["UTF-32"]),
    (0, b"\x00\x00\xfe\xff", WIDE["UTF-32"]),
    (0, b"\xff\xfe", WIDE["UTF-16"]),
    (0, b"\xfe\xff", WIDE["UTF-16"]),
)
"""Offset, bytes and format; the first match counts."""

PRINTABLE = (b"PAR1", b"PARE", b"ORC", b"GGUF", b"FEA1", b"ustar")
"""Magic bytes that a text may begin with too: the other formats have control characters soon after."""

_SAFETENSORS = FileFormat("a safetensors file")
_MEMBERS = (
    (lambda name: name.startswith("xl/"), FileFormat("an Excel workbook", _SHEET)),
    (lambda name: name.startswith(("word/", "ppt/")), FileFormat("an Office document", "plain text is needed")),
    (lambda name: name == "content.xml", FileFormat("an OpenDocument file", _SHEET)),
    (
        lambda name: name.endswith("data.pkl"),
        FileFormat("a PyTorch file, which is never opened, as it can run any code"),
    ),
    (lambda name: name == "model.weights.h5", FileFormat("a Keras model")),
    (lambda name: name.endswith(".npy"), FileFormat("a NumPy archive (.npz)")),
)


def detect_format(head: bytes) -> FileFormat | None:
    """Return the format of a file with these first bytes (``HEAD`` of them, or all); None for text."""
    for offset, magic, kind in MAGIC:
        if head.startswith(magic, offset) and (magic not in PRINTABLE or _has_control(head)):
            return kind
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 100 << 20:
        return _SAFETENSORS
    for start, name in ((1, "UTF-16-LE"), (0, "UTF-16-BE")):  # without a mark, a Latin letter has a zero
        letters = head[1 - start :: 2]
        if (
            head[start::2].count(0) > len(head) // 4
            and len(head) >= 8
            and 0 not in letters
            and not _has_control(letters)
        ):
            return WIDE[name]
    return None


def detect_zip_format(names: Sequence[str]) -> FileFormat | None:
    """Return the format of a zip with these members, if it is a document or a model; else None."""
    return next((kind for fits, kind in _MEMBERS for name in names if fits(name)), None)


def _has_control(head: bytes) -> bool:
    return any(byte < 9 or 13 < byte < 32 for byte in head)
