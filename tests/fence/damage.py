"""Functions that write a malformed file in the place of a valid one."""

import gzip
import io
import json
import os
import socket
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.fence.content import CONFIG, DIM, OPTIONS, as_json, npy, parquet


def written(content: bytes | Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """Write these bytes, or what a function makes of the valid ones."""

    def make(path: Path) -> None:
        path.write_bytes(content if isinstance(content, bytes) else content(path.read_bytes()))

    return make


MB = 1 << 20


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def unix_socket(path: Path) -> None:
    path.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    before = os.open(".", os.O_RDONLY)
    try:
        os.fchdir(folder)  # the name of a socket has at most 100 characters
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(before)
        os.close(before)
        os.close(folder)


def sparse(size: int) -> Callable[[Path], object]:
    return lambda path: os.truncate(path, size)


def packed(pack: Callable[[bytes], bytes], times: int = 8) -> bytes:
    """80 MB of lines in a small file: packed pieces may stand one after the other."""
    return pack(b"a b\n" * (10 * MB // 4)) * times


def zip_bomb(name: str, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, archive.open(name, "w", force_zip64=True) as stream:
        for _ in range(8):
            stream.write(bytes(10 * MB))
    return out.getvalue()


def npz_bomb() -> bytes:
    return with_member("vectors.npy", npy_head((5 * MB, 4)), 8)


def with_member(name: str, head: bytes, zeros: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ids.npy", npy(np.array(["a"])))
        with archive.open(name, "w") as stream:
            stream.write(head)
            for _ in range(zeros):
                stream.write(bytes(10 * MB))
    return out.getvalue()


def npy_head(shape: object, kind: str = "<f4") -> bytes:
    """The head of a .npy file with any shape."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin-1")


def declared(shape: object) -> Callable[[Path], object]:
    return written(npy_head(shape) + bytes(48))


def repeated_rows() -> bytes:
    """3 million equal texts, a few kilobytes."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3 * MB, np.int8)), pa.array(["x" * 100]))
    out = io.BytesIO()
    pq.write_table(pa.table({"text": column, "label": column, "words": column}), out)
    return out.getvalue()


def repeated_words() -> bytes:
    import pyarrow as pa

    return parquet(words=pa.repeat("x" * 100, 10**6))


def h5(edit: Callable[[object], object]) -> Callable[[Path], object]:
    """Change an HDF5 file."""

    def make(path: Path) -> None:
        import h5py

        with h5py.File(path, "r+") as file:
            edit(file)

    return make


def h5_replaced(name: str, **settings: object) -> Callable[[Path], object]:
    """Have another dataset of this name."""

    def edit(file) -> None:
        del file[name]
        file.create_dataset(name, **settings)

    return h5(edit)


def external_link(file) -> None:
    import h5py

    del file["CNN"]
    file["CNN"] = h5py.ExternalLink("other.hdf5", "/CNN")


def virtual(file) -> None:
    import h5py

    del file["char_embed"]
    layout = h5py.VirtualLayout((261, 2), "f4")
    layout[:] = h5py.VirtualSource("other.hdf5", "x", (261, 2))
    file.create_virtual_dataset("char_embed", layout)


def options(*path: object, value: object) -> Callable[[Path], object]:
    """ELMo options with another value."""
    return written(as_json(changed(OPTIONS, path, value)))


def changed(tree: object, path: tuple, value: object) -> object:
    copied = json.loads(json.dumps(tree))
    node = copied
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return copied


def config(key: str, value: object) -> Callable[[Path], object]:
    return written(as_json(CONFIG | {key: value}))


def safetensors_head(head: bytes, length: int | None = None) -> Callable[[Path], object]:
    return written(struct.pack("<Q", len(head) if length is None else length) + head + bytes(48))


def tar(*members: tuple[str, bytes, int]) -> Callable[[Path], object]:
    """A tar with members of these names, types and declared sizes."""

    def make(path: Path) -> None:
        out = io.BytesIO()
        for name, kind, size in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, size
            out.write(info.tobuf(tarfile.GNU_FORMAT))
        path.write_bytes(gzip.compress(out.getvalue() + bytes(1024)))

    return make


def tar_bomb(head: tarfile.TarInfo, megabytes: int = 80) -> Callable[[Path], object]:
    """A tar whose first member has many zeros."""

    def make(path: Path) -> None:
        head.size = megabytes * MB
        zeros = gzip.compress(bytes(10 * MB), 6)
        path.write_bytes(gzip.compress(head.tobuf(tarfile.GNU_FORMAT)) + zeros * (megabytes // 10))

    return make


def typed(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    return info


def zip_end(members: int, index_bytes: int) -> Callable[[bytes], bytes]:
    """A zip whose last bytes declare another list of members."""

    def change(data: bytes) -> bytes:
        return data[:-14] + struct.pack("<HHLLH", members, members, index_bytes, 0, 0)

    return change


def yaml_bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines).encode()


DEEP = b"[" * 100_000


def pack_fasttext(**changes: int) -> bytes:
    """The head of a fastText model with other numbers: ``dim``, ``buckets``, ``entries``, ``words``."""
    numbers = {"dim": DIM, "buckets": 7, "entries": 5, "words": 5, "labels": 0} | changes
    head = struct.pack("<14id", 793712314, 12, numbers["dim"], 5, 1, 1, 5, 1, 2, 2, numbers["buckets"], 2, 3, 100, 1e-4)
    return head + struct.pack("<3i2q", numbers["entries"], numbers["words"], numbers["labels"], 100, -1)


def other_checksum(data: bytes) -> bytes:
    """A zip whose list of members has another checksum of the first."""
    at = data.index(b"PK\x01\x02") + 16
    return data[:at] + bytes(4) + data[at + 4 :]
