"""Malformed inputs of readers of data, configs and studies, beside those that every reader has."""

import gzip
import struct
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tests.fence.content import INDEX, ITEMS, PROBABILITIES, RECORD, ROWS, SEARCH, as_json, npy, npz, tarred
from tests.fence.damage import DEEP, changed, npy_head, tar, with_member, written, yaml_bomb

DATA: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "csv": {
        "20,000 columns": written(b",".join(b"c%d" % n for n in range(20_000)) + b"\n"),
        "a quote that never closes": written(b'text,label\n"a,b\n'),
        "a NUL character": written(b"text,label\na\0,b\n"),
        "Latin-1": written("text,label\nschön,b\n".encode("latin-1")),
        "UTF-16": written("text,label\na,b\n".encode("utf-16")),
        "rows of other widths": written(b"text,label\na\nb,c,d\n"),
        "the same column twice": written(b"text,text\na,b\n"),
        "a tar": written(lambda data: tarred({"a.csv": data}, "w")),
        "gzip in gzip": written(lambda data: gzip.compress(gzip.compress(data))),
    },
    "JSON lines": {
        "a number of 5,000 digits": written(b'{"text": "a", "label": ' + b"9" * 5000 + b"}\n"),
        "70 levels": written(b'{"text": "a", "label": "b", "x": ' + b"[" * 70 + b"]" * 70 + b"}\n"),
        "a list of objects": written(b'[{"text": "a", "label": "b"}]\n'),
        "half a surrogate pair as a label": written(b'{"text": "a", "label": "\\ud800"}\n'),
        "no label": written(b'{"text": "a"}\n'),
    },
    "tagged JSON lines": {
        "more tags than tokens": written(b'{"tokens": ["a"], "ner_tags": [0, 0]}\n'),
        "a tag without a name": written(b'{"tokens": ["a"], "ner_tags": [7]}\n'),
        "an empty token": written(b'{"tokens": [""], "ner_tags": [0]}\n'),
    },
    "names of tags": {
        "70 levels": written(b"[" * 70 + b"]" * 70),
        "one list of numbers": written(b'{"ner_tags": [1]}'),
    },
    "CoNLL": {"one column": written(b"Ann\nran\n"), "columns of uneven width": written(b"a b\na b c\n")},
    "archive of a data set": {
        "no such file": written(tarred({"b.csv": b"x"})),
        "a member of 10^15 bytes declared": tar(("a.csv", tarfile.REGTYPE, 10**15)),
        "a link": tar(("a.csv", tarfile.SYMTYPE, 0)),
    },
    "archive of reviews": {"names that are no numbers": written(tarred({"aclImdb/train/neg/x.txt": b"x"}))},
    "YAML": {
        "aliases that stand for 10^12 values": written(yaml_bomb()),
        "an alias of itself": written(b"a: &a [*a]\n"),
        "1,000 levels": written(b"a: " + b"[" * 1000 + b"]" * 1000),
        "100,000 brackets": written(b"a: " + DEEP),
        "a tag of Python": written(b"a: !!python/object/apply:os.getcwd []\n"),
        "5 MB": written(lambda _: b"a: 1\n" + b"# x\n" * 1_300_000),
        "a key twice": written(b"a: 1\na: 2\n"),
        "a list": written(b"- a\n- b\n"),
        "a tab": written(b"a:\n\tb: 1\n"),
        "two documents": written(b"a: 1\n---\nb: 2\n"),
        "Latin-1": written("a: ö\n".encode("latin-1")),
        "a list as a key": written(b"? [a]\n: 1\n"),
    },
    "table of results": {
        "20,000 columns": written(b",".join(b"c%d" % n for n in range(20_000)) + b"\n1\n"),
        "a score that is no number": written(b"arm,n_train,replicate,test/accuracy\na,10,0,x\n"),
        "a size of 10^30": written(b"arm,n_train,replicate,test/accuracy\na," + b"9" * 30 + b",0,0.5\n"),
        "the same cell twice": written(b"arm,n_train,replicate,test/accuracy\na,10,0,0.5\na,10,0,0.5\n"),
    },
    "record of a study": {
        "half a surrogate pair": written(as_json(changed(RECORD, ("cells", 0, "arm"), "\ud800"))),
        "a column of another name": written(as_json(changed(RECORD, ("cells", 0, "test/f1"), "x"))),
        "a number of 30 digits": written(as_json(changed(RECORD, ("cells", 0, "n_train"), 10**30))),
        "a list": written(b"[1]"),
        "no cells": written(b'{"metric": null}'),
        "cells of texts": written(b'{"cells": ["a"]}'),
        "a text for a number": written(as_json(changed(RECORD, ("cells", 0, "n_train"), "10"))),
        "a finding of numbers": written(as_json(changed(RECORD, ("findings",), [1]))),
        "a job of another shape": written(as_json(changed(RECORD, ("job",), {"swept": 1}))),
        "100,000 levels": written(DEEP),
    },
    "trials of a search": {
        "a list": written(b"[1]"),
        "a trial without scores": written(as_json(changed(SEARCH, ("trials",), [{}]))),
    },
    "probabilities": {
        "10^15 rows declared": written(with_member("values.npy", npy_head((10**15, 4)), 0)),
        "a length below 0": written(npz(**PROBABILITIES | {"lengths": np.array([-2])})),
        "values that are too few": written(npz(**PROBABILITIES | {"lengths": np.array([9])})),
    },
    "items of a study": {
        "another version": written(gzip.compress(as_json(ITEMS | {"version": 9}))),
        "a mention that is not there": written(gzip.compress(as_json(ITEMS | {"draws": [["d", "w", "c", [7]]]}))),
    },
    "predictions": {"a number for an id": written(b'{"id": 1, "gold": "a", "predicted": "b"}\n')},
    "senses": {"several tabs": written(b"a\tb\tc work\n"), "a sense alone": written(b"sense\t\n")},
    "checkpoint": {
        "10^15 numbers declared": written(with_member("record.npy", npy_head((10**15,), "|u1"), 0)),
        "no record": written(npz(w=ROWS)),
        "a record that is no JSON": written(npz(record=np.zeros(3, np.uint8))),
    },
    "vocabulary": {"a word twice": written(b"<S>\n</S>\n<UNK>\nthe\nthe\n")},
    "word counts": {"a count that is no number": written(b"the x\n")},
    "index of shards": {
        "a file that leads out": written(as_json(changed(INDEX, ("train", "files"), {"../../etc/passwd": 1})))
    },
    "fingerprints of texts": {
        "10^15 hashes declared": written(npy_head((2, 10**15), "<u8")),
        "floats": written(npy(ROWS)),
    },
    "cached corpus": {"ends beyond the words": written(npz(about=np.zeros(2, np.uint8)))},
    "cached layers": {"10^9 tokens declared": written(struct.pack("<IIII", 1, 10**9, 4, 0) + bytes(8))},
}
