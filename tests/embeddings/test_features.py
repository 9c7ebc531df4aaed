from seedbed.data.corpus import Example
from seedbed.embeddings.features import token_index


def test_what_derives_from_an_index_is_made_once_by_key():
    examples = (Example("train/0", ("a", "b"), "x"),)
    made = []

    def make(value):
        made.append(value)
        return value

    index = token_index(examples)
    assert [index.derived(key, lambda key=key: make(key)) for key in ("one", "two", "one")] == ["one", "two", "one"]
    assert token_index(examples).derived("one", lambda: make("again")) == "one"
    assert made == ["one", "two"]
