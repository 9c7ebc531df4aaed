"""Features of contextual embeddings: from a table in memory, from a file, and from the cache."""

import dataclasses

import numpy as np
import pytest
from keras import ops
from tests.embeddings.layer_cache import hashed

from seedbed.data.corpus import Example
from seedbed.embeddings.contextual import ContextualFeatures, contextual_features, tables
from seedbed.embeddings.features import quiet
from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import mix_of

WIDTHS = (2, 4)
EXAMPLES = [
    Example("a", ("red", "green", "blue"), "x"),
    Example("b", ("one",), "y"),
    Example("c", ("two", "three"), "x"),
]
TINY = 1e-9


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    tables.clear()
    yield
    tables.clear()


@dataclasses.dataclass
class Settings(hashed.Settings):
    """A model whose vectors are hashes of its tokens, with a mix."""

    widths: tuple = WIDTHS
    mix: str = "layer1"
    layer_norm: bool = False
    mix_l2: float = 0.0
    table_gb: float | None = None


def features(settings, reports=({}, {}), watch=quiet, examples=EXAMPLES):
    return contextual_features(settings, examples, reports, watch)


def vectors(made, positions=((2, 0), (1,)), shape=(4, 2)):
    """The vectors of a batch, as the network gets them."""
    tensors = {name: ops.convert_to_tensor(array) for name, array in made.arrays.trained.items()}
    inputs = {name: ops.convert_to_tensor(array) for name, array in made.inputs([0, 1], positions, shape).items()}
    return ops.convert_to_numpy(made.embed(tensors, made.arrays.shared, inputs))


def expected(settings, positions=((2, 0), (1,)), shape=(4, 2)):
    """The same, from the model itself."""
    mix = mix_of(settings.mix, Layout(WIDTHS), settings.layer_norm, settings.mix_l2)
    model = settings.open()
    rows = {}
    for numbers, arrays in model.batches([example.tokens for example in EXAMPLES]):
        rows |= dict(zip(numbers, arrays, strict=True))
    x = np.zeros((len(positions), *shape, mix.width), np.float32)
    for page, chosen in zip(x, positions, strict=True):
        for column, position in enumerate(chosen):
            row = mix.read(rows[position].astype(np.float16))
            page[: len(row), column] = row
    return x


@pytest.mark.parametrize("mix", ["layer0", "layer1", "average"])
@pytest.mark.parametrize("table_gb", [None, TINY], ids=["memory", "file"])
def test_a_batch_has_each_replicates_texts_and_zeros_elsewhere(mix, table_gb):
    settings = Settings(mix=mix, table_gb=table_gb)
    x = vectors(features(settings))
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, expected(settings))


@pytest.mark.parametrize("layer_norm", [False, True])
def test_a_learned_mix_has_the_same_vectors_from_memory_and_from_a_file(layer_norm):
    made = []
    for table_gb in (None, TINY):
        made.append(features(Settings(mix="learned", layer_norm=layer_norm, table_gb=table_gb)))
        tables.clear()
    assert [one.reads_files for one in made] == [False, True]
    assert set(made[0].inputs([0], [[0]], (3, 1))) == {"ids"}
    np.testing.assert_array_equal(made[1].inputs([0], [[0]], (3, 1))["layers"].shape, (1, 3, 1, sum(WIDTHS)))
    np.testing.assert_array_equal(vectors(made[0]), vectors(made[1]))
    assert {name: array.shape for name, array in made[0].arrays.trained.items()} == {
        "mix/weights": (2, 2), "mix/scale": (2, 1),
    }  # fmt: skip
    assert made[0].width == 4


def test_groups_and_arms_with_the_same_vectors_share_one_table():
    first, again = features(Settings()), features(Settings(mix_l2=0.0))
    assert again.rows is first.rows
    assert features(Settings(mix="average")).rows is not first.rows
    assert features(Settings(digests="cd" * 32)).rows is not first.rows
    learned = [
        features(Settings(mix="learned", mix_l2=l2, layer_norm=norm)) for l2, norm in ((0.0, False), (0.1, True))
    ]
    assert learned[0].rows is learned[1].rows
    assert features(Settings(), examples=EXAMPLES[:2]).rows is not first.rows


def test_tables_that_were_not_used_for_longest_make_room_within_the_budget():
    budget = 7 * 4 * 4e-9 * 2.5  # two and a half of these tables
    kept = [features(Settings(digests=digest * 32, table_gb=budget)).rows for digest in ("aa", "bb")]
    assert features(Settings(digests="aa" * 32, table_gb=budget)).rows is kept[0]
    features(Settings(digests="cc" * 32, table_gb=budget))
    assert tables.gigabytes <= budget
    assert features(Settings(digests="aa" * 32, table_gb=budget)).rows is kept[0]
    assert features(Settings(digests="bb" * 32, table_gb=budget)).rows is not kept[1]


def test_a_line_says_where_the_table_is_and_why():
    notes = []
    features(Settings(), watch=lambda embedded: notes.append(embedded.note))
    tables.clear()
    features(Settings(mix="layer0", table_gb=TINY), watch=lambda embedded: notes.append(embedded.note))
    memory, file = [note for note in notes if note.startswith("feature table")]
    assert memory.startswith("feature table: 6 tokens, 0.00 GB in memory (embedding.table_gb=")
    assert file == "feature table: 6 tokens, 0.00 GB in a file, as embedding.table_gb=1e-09"


def test_without_room_for_a_file_batches_come_from_the_cache(monkeypatch, caplog):
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=0))
    settings = Settings(table_gb=TINY)
    made = features(settings)
    assert "no room for a feature table" in caplog.text
    np.testing.assert_array_equal(vectors(made), expected(settings))


def test_what_was_counted_is_reported_for_each_replicate():
    features(Settings(), examples=EXAMPLES[:2])
    tables.clear()
    made = features(Settings(), reports=[{"embedding/cut_words": 2}, {}])
    rate = {"embedding/cache_hit_rate": 2 / 3, "embedding/computed": 1}
    assert made.reports == [rate | {"embedding/cut_words": 2}, rate]


def test_the_weights_of_a_mix_are_counted_and_the_model_is_not():
    made = features(Settings(mix="learned"))
    trained, frozen = made.size(1)
    assert trained == 3
    assert np.isnan(frozen)
    assert isinstance(made, ContextualFeatures)
    assert not made.saved(0)
