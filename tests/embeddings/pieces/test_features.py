from tests.embeddings.pieces.token_models import TEXTS, written

from seedbed.data.corpus import Example
from seedbed.embeddings.static_tokens import StaticTokens
from seedbed.testing import embedding_checks

EXAMPLES = (Example("train/0", ("the", "film"), "a"), Example("train/1", ("great",), "b"))


def test_vectors_of_pieces_pass_the_checks_of_an_embedding(tmp_path):
    folder, _, _ = written(tmp_path)
    tokens = [text.split() for text in TEXTS if text] * 6
    quick = [check for check in embedding_checks(StaticTokens(path=str(folder)), tokens) if "trains" not in check.name]
    assert [check() for check in quick] == [None] * len(quick)
    assert len(quick) > 5


def test_each_model_is_read_once_for_all_groups(tmp_path, monkeypatch):
    folder, _, _ = written(tmp_path)
    embedding, reads = StaticTokens(path=str(folder)), []
    opened = StaticTokens.open
    monkeypatch.setattr(StaticTokens, "open", lambda self: reads.append(1) or opened(self))
    first = embedding.features(EXAMPLES, [{"train": [0]}], [0])
    second = embedding.features(EXAMPLES, [{"train": [1]}], [1])
    assert first.arrays.shared["table"] is second.arrays.shared["table"]
    assert len(reads) == 1
    embedding.text_features(EXAMPLES, [{"train": [0]}], [0])
    embedding.text_features(EXAMPLES, [{"train": [1]}], [0])
    assert len(reads) == 2
