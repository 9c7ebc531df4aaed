"""Malformed inputs of readers of vectors and models, beside those that every reader has."""

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tests.fence.content import (
    OPTIONS,
    ROWS,
    as_json,
    hdf5,
    npy,
    npz,
    parquet,
    safetensors,
    tarred,
    zipped,
)
from tests.fence.damage import (
    DEEP,
    MB,
    config,
    declared,
    external_link,
    h5,
    h5_replaced,
    npy_head,
    options,
    other_checksum,
    pack_fasttext,
    safetensors_head,
    tar,
    virtual,
    with_member,
    written,
    zip_end,
)

MODELS: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "GloVe text": {
        "numbers that are words": written(b"the a b c\n"),
        "a number that is not finite": written(b"the 1 nan 3\n"),
        "a number of 10,000 digits": written(b"the 1 2 " + b"3" * 10_000 + b"\n"),
        "lines of other widths": written(b"the 1 2 3\nfilm 1 2\n"),
        "the same word twice": written(b"the 1 2 3\nthe 1 2 3\n"),
        "words that are not UTF-8": written(b"\xff\xfe 1 2 3\n\xff 1 2 3\n"),
    },
    "GloVe in zip": {
        "several members": written(zipped(**{"a.txt": b"a 1 2 3\n", "b.txt": b"a 1 2 3\n"})),
        "a password": written(
            lambda data: data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
        ),
        "a list of members of 4 GB": written(zip_end(1, 4_000_000_000)),
        "65,535 members declared": written(zip_end(0xFFFF, 0xFFFFFFFF)),
    },
    "word2vec text": {
        "a header of 10^15 words": written(b"1000000000000000 3\nthe 1 2 3\n"),
        "a header of 10^12 numbers": written(b"1 1000000000000\nthe 1 2 3\n"),
        "a header of 0 words": written(b"0 3\nthe 1 2 3\n"),
        "nothing after the header": written(b"4 3\n"),
    },
    "word2vec binary": {
        "a header of 10^15 words": written(lambda data: b"1000000000000000 3\n" + data.partition(b"\n")[2]),
        "a header of 10^12 numbers": written(lambda data: b"4 1000000000000\n" + data.partition(b"\n")[2]),
        "a word without an end": written(b"4 3\n\x01" + b"a" * 70_000),
    },
    "vectors as npy": {
        "10^15 rows declared": declared((10**15, 3)),
        "a negative shape": declared((-4, 3)),
        "a shape of 10^400": declared((10**400, 3)),
        "a shape that is no tuple": declared("'x'"),
        "a header of brackets": written(npy_head("(" * 4000)),
        "objects": written(npy_head((4, 3), "|O") + bytes(48)),
        "a type that is not known": written(npy_head((4, 3), "<q9") + bytes(48)),
        "version 9": written(lambda data: data[:6] + b"\x09\x00" + data[8:]),
        "more rows than words": written(npy(np.ones((7, 3), np.float32))),
        "integers": written(npy(np.ones((4, 3), np.int64))),
    },
    "words of npy": {
        "no column of words": written(parquet(n=[1, 2, 3, 4])),
        "another number of words": written(parquet(w=["a"])),
    },
    "fastText model": {
        "10^9 words declared": written(pack_fasttext(entries=10**9, words=10**9) + bytes(500)),
        "2^31 buckets declared": written(pack_fasttext(buckets=(1 << 31) - 1) + bytes(500)),
        "a negative number of buckets": written(pack_fasttext(buckets=-3) + bytes(500)),
        "vectors of 2^31 numbers": written(pack_fasttext(dim=(1 << 31) - 1) + bytes(500)),
        "more words than entries": written(pack_fasttext(words=9) + bytes(500)),
        "another version": written(lambda data: data[:4] + b"\x63" + data[5:]),
    },
    "ELMo options": {
        "10^12 filters": options("char_cnn", "filters", value=[[1, 10**12]]),
        "10^12 characters a word": options("char_cnn", "max_characters_per_token", value=10**12),
        "10^12 layers": options("lstm", "n_layers", value=10**12),
        "10^12 units": options("lstm", "dim", value=10**12),
        "10^6 units": options("lstm", "dim", value=10**6),
        "a projection of 10^12": options("lstm", "projection_dim", value=10**12),
        "10^12 highways": options("char_cnn", "n_highway", value=10**12),
        "10^6 widths of filters": options("char_cnn", "filters", value=[[1, 1]] * 10_000),
        "a list for a number": options("lstm", "dim", value=[4]),
        "a list for a name": options("char_cnn", "activation", value=["relu"]),
        "NaN for a number": written(as_json(OPTIONS).replace(b'"cell_clip": 3', b'"cell_clip": NaN')),
        "100,000 levels": written(DEEP),
    },
    "ELMo weights": {
        "a dataset of 10^10 rows, never written": h5_replaced("char_embed", shape=(10**10, 2), dtype="f4"),
        "chunks of 10^9 numbers, never written": h5_replaced(
            "char_embed", shape=(261, 2), maxshape=(None, None), chunks=(10**8, 10), dtype="f4"
        ),
        "values that were never written": h5_replaced("char_embed", shape=(261, 2), dtype="f4"),
        "values in another file": h5_replaced(
            "char_embed", shape=(261, 2), dtype="f4", external=[("/dev/zero", 0, 261 * 8)]
        ),
        "a link into another file": h5(external_link),
        "a virtual dataset": h5(virtual),
        "a group in the place of a dataset": h5(lambda file: (file.pop("char_embed"), file.create_group("char_embed"))),
        "a dataset without values": h5_replaced("char_embed", dtype="f4"),
        "texts": h5_replaced("char_embed", data=np.full((261, 2), b"x")),
        "integers": h5_replaced("char_embed", data=np.ones((261, 2), np.int32)),
        "a value that is not finite": h5_replaced("char_embed", data=np.full((261, 2), np.nan, np.float32)),
        "a dataset less": h5(lambda file: file.pop("CNN_proj/W_proj")),
    },
    "token embeddings": {"another number of rows": written(hdf5({"embedding": ROWS[:2]}))},
    "words of token embeddings": {
        "a word twice": written(b"<S>\n</S>\n<UNK>\n<S>\n"),
        "no marks": written(b"a\nb\nc\nd\n"),
    },
    "safetensors": {
        "a header of 2^63 bytes": safetensors_head(b"{}", 1 << 63),
        "a header of 99 MB in 50 bytes": safetensors_head(b"{}", 99 * MB),
        "a shape of 10^15": safetensors_head(
            as_json({"embeddings": {"dtype": "F32", "shape": [10**15, 3], "data_offsets": [0, 48]}})
        ),
        "offsets beyond the end": safetensors_head(
            as_json({"embeddings": {"dtype": "F32", "shape": [4, 3], "data_offsets": [10**12, 10**12 + 48]}})
        ),
        "a header of 1,000 levels": safetensors_head(b"[" * 1000),
        "a number in the place of a matrix": written(safetensors(embeddings=np.array(1, np.float32))),
        "no matrix": written(safetensors(a=np.ones(3, np.float32))),
        "a row beyond the matrix": written(
            safetensors(embeddings=np.ones((2, 3), np.float32), mapping=np.array([0, 1, 2, 9], np.int64))
        ),
        "a value that is not finite": written(safetensors(embeddings=np.full((4, 3), np.inf, np.float32))),
    },
    "tokenizer.json": {
        "no piece for what is unknown": written(lambda data: data.replace(b'"unk_token":"[UNK]"', b'"unk_token":"?"')),
        "an id of 2^32 - 1": written(lambda data: data.replace(b'"##s":3', b'"##s":4294967295')),
        "100,000 levels": written(DEEP),
        "a model of no kind": written(b'{"model": {"type": "Magic"}}'),
        "the same id twice": written(lambda data: data.replace(b'"##s":3', b'"##s":2')),
    },
    "config.json": {
        **{
            f"{key}={value}": config(key, value)
            for key, value in (
                ("hidden_size", 10**12),
                ("num_hidden_layers", 10**12),
                ("vocab_size", 10**12),
                ("intermediate_size", 10**15),
                ("max_position_embeddings", 10**12),
                ("num_attention_heads", 3),
                ("hidden_size", -4),
                ("hidden_size", "x"),
                ("hidden_act", ["gelu"]),
                ("model_type", "gpt"),
                ("model_type", {"a": 1}),
                ("layer_norm_eps", "x"),
                ("position_embedding_type", "relative_key"),
            )
        },
        "a size of 400 digits": config("intermediate_size", 10**400),
        "100,000 levels": written(DEEP),
    },
    "encoder weights": {"a number in the place of a matrix": written(safetensors(a=np.array(1, np.float32)))},
    "modules.json": {"a Dense module": written(b'[{"type": "a.Dense"}]'), "names alone": written(b'["Pooling"]')},
    "pooling": {
        "a list for a mode": written(b'{"pooling_mode": ["mean"]}'),
        "two modes": written(b'{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}'),
    },
    "vectors by id, npz": {
        "10^15 rows declared": written(with_member("vectors.npy", npy_head((10**15, 4)), 0)),
        "a member that is no array": written(zipped(**{"ids.npy": b"x", "vectors.npy": b"y"})),
        "the list of members cut": written(lambda data: data[:-60]),
        "ids that are numbers": written(npz(ids=np.arange(3), vectors=ROWS[:3])),
        "ids of objects": written(zipped(**{"ids.npy": npy_head((3,), "|O"), "vectors.npy": npy(ROWS[:3])})),
        "an id twice": written(npz(ids=np.array(["a", "a", "b"]), vectors=ROWS[:3])),
        "65,535 members declared": written(zip_end(0xFFFF, 0xFFFFFFFF)),
        "a list of members of 4 GB": written(zip_end(1, 4_000_000_000)),
    },
    "vectors by id, npy": {"10^15 rows declared": declared((10**15, 3)), "three axes": declared((2, 2, 3))},
    "vectors by id, parquet": {
        "vectors of two widths": written(parquet(id=["a", "b"], vector=[[1.0], [1.0, 2.0]])),
        "texts for vectors": written(parquet(id=["a"], vector=["1 2 3"])),
        "lists of texts": written(parquet(id=["a"], vector=[["1", "2"]])),
        "lists of lists of lists": written(parquet(id=["a"], vector=[[[[1.0]]]])),
        "a vector that is missing": written(parquet(id=["a", "b"], vector=[[1.0], None])),
        "a number that is missing": written(parquet(id=["a"], vector=[[1.0, None]])),
        "no rows": written(parquet(id=np.array([], str), vector=np.array([], float))),
    },
    "hub archive, tar": {
        "a path that leads out": tar(("../evil", tarfile.REGTYPE, 0)),
        "an absolute path": tar(("/tmp/evil", tarfile.REGTYPE, 0)),
        "a link": tar(("saved_model.pb", tarfile.SYMTYPE, 0)),
        "a device inside": tar(("saved_model.pb", tarfile.CHRTYPE, 0)),
        "a pipe inside": tar(("saved_model.pb", tarfile.FIFOTYPE, 0)),
        "a member of 10^15 bytes declared": tar(("saved_model.pb", tarfile.REGTYPE, 10**15)),
        "no module in it": written(tarred({"readme.md": b"x"})),
        "a name of 10^10 bytes declared": tar(("././@LongLink", tarfile.GNUTYPE_LONGNAME, 10**10)),
        "another file behind its name": written(b"PK\x03\x04" + bytes(100)),
    },
    "hub archive, zip": {
        "a member with another checksum": written(other_checksum),
        "damage in what is packed": written(lambda data: data[:45] + b"\xff\xff" + data[47:]),
        "a path that leads out": written(zipped(**{"../evil": b"x"})),
        "no module in it": written(zipped(**{"readme.md": b"x"})),
        "a list of members of 4 GB": written(zip_end(1, 4_000_000_000)),
    },
    "hub module": {"a field that ends beyond the file": written(b"\x12\xff\xff\xff\xff\x0fabc")},
}
