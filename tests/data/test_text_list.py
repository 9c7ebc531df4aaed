"""The list of texts that need vectors."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.data.corpus import Corpus, Example
from seedbed.data.text_list import text_sha256, write_text_list


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_a_hash_is_that_of_the_tokens_joined_by_spaces(tokens):
    assert text_sha256(tokens) == hashlib.sha256(" ".join(tokens).encode("utf-8")).hexdigest()


def test_every_split_is_written_without_its_labels(tmp_path):
    splits = {"train": (Example("train/0", ("naïve", "🙂"), "secret"),), "test": (Example("test/0", ("b",), "secret"),)}
    corpus = Corpus("c", "classification", splits, ("secret",))
    assert write_text_list(corpus, tmp_path / "t.jsonl") == 2
    text = (tmp_path / "t.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert [(row["id"], row["tokens"]) for row in rows] == [("train/0", ["naïve", "🙂"]), ("test/0", ["b"])]
    assert "secret" not in text
    assert refusal(write_text_list, corpus, tmp_path / "t.jsonl" / "x.jsonl", match="cannot be written")
