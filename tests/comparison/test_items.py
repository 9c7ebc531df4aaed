"""What a comparison keeps of its data for the error viewer."""

import gzip
import json
import random

import pytest

from seedbed.comparison import items
from seedbed.comparison.items import items_of
from seedbed.metrics import entity_spans
from seedbed.report.analysis.item_texts import Text, read_items


@pytest.fixture(scope="session")
def sentences(tmp_path_factory):
    rng = random.Random(5)
    blocks = []
    for _ in range(200):
        name = rng.choice(["Ann", "ANN", "Bob Lee", "Cy", "Di", "Ed", "Flo"])
        place = rng.choice(["Rome", "Oslo", "New York"])
        tags = [f"{word} {'BI'[n > 0]}-PER" for n, word in enumerate(name.split())] + ["likes O"]
        tags += [f"{word} {'BI'[n > 0]}-LOC" for n, word in enumerate(place.split())]
        blocks.append("\n".join(tags) + "\n")
    file = tmp_path_factory.mktemp("tags") / "tags.conll"
    file.write_text("\n".join(blocks), encoding="utf-8")
    return file


@pytest.fixture
def tagging(planned, sentences):
    keys = ("task", "encoder.filters", "sampling.strategy")
    return planned("dataset=conll", f"dataset.files.train={sentences}", "encoder=bilstm", "arms={a: [], b: []}",
                   "sizes=[3,9]", *(f"~{key}" for key in keys))  # fmt: skip


def test_every_test_example_of_every_draw_has_its_text(planned):
    plan = planned()
    found = read_items(items_of(plan.planned), "items")
    assert found.left_out == 0
    for one in plan.planned:
        assert found.training_mentions(one.cell.dataset, one.cell.draw) is None  # no entities
        for example in one.draw.test:
            tokens = one.corpus.by_id[example].tokens
            assert found.text(one.cell.dataset, one.cell.draw, example) == Text(tokens, len(tokens))
        assert found.text(one.cell.dataset, one.cell.draw, one.draw.train[0]) is None
    assert found.text("csv", "no such draw", plan.planned[0].draw.test[0]) is None


def test_seen_are_the_entities_of_the_draws_own_training_examples(tagging):
    found = read_items(items_of(tagging.planned), "items")
    different = set()
    for one in tagging.planned:
        expected = set()
        for example in map(one.corpus.by_id.get, one.draw.train):
            for start, end, kind in entity_spans(example.target):
                expected.add((" ".join(example.tokens[start:end]).lower(), kind))
        assert found.training_mentions(one.cell.dataset, one.cell.draw) == expected
        different.add(frozenset(expected))
    assert len(different) > 1


def test_a_long_text_is_cut_and_its_length_told(planned, monkeypatch):
    monkeypatch.setattr(items, "MOST_TOKENS", 4)
    plan = planned()
    found = read_items(items_of(plan.planned), "items")
    one = plan.planned[0]
    tokens = one.corpus.by_id[one.draw.test[0]].tokens
    assert found.text(one.cell.dataset, one.cell.draw, one.draw.test[0]) == Text(tokens[:4], len(tokens))


def test_texts_that_are_too_many_are_left_out_and_counted_once(planned, monkeypatch):
    plan = planned()
    tested = {example for one in plan.planned for example in one.draw.test}
    monkeypatch.setattr(items, "MOST_CHARACTERS", 500)
    found = read_items(items_of(plan.planned), "items")
    (texts,) = found.texts.values()
    assert 0 < len(texts) < len(tested)
    assert len(texts) + found.left_out == len(tested)
    assert sum(len(token) + 1 for text in texts.values() for token in text.tokens) <= 500


def test_entities_that_are_too_many_are_not_known(tagging, monkeypatch):
    monkeypatch.setattr(items, "MOST_MENTIONS", 1)
    found = read_items(items_of(tagging.planned), "items")
    assert all(found.training_mentions(one.cell.dataset, one.cell.draw) is None for one in tagging.planned)


def test_where_arms_read_the_texts_of_a_draw_in_two_ways_none_is_told(planned):
    plan = planned("arms={a: [], b: [dataset.max_tokens=8]}", "replicates=1")
    found = read_items(items_of(plan.planned), "items")
    one, other = plan.planned[0], plan.planned[len(plan.planned) // 2]
    assert one.draw.digest == other.draw.digest
    assert found.contested == {(p.cell.dataset, p.cell.draw) for p in plan.planned}
    assert all(found.text(one.cell.dataset, one.cell.draw, example) is None for example in one.draw.test)


def test_the_same_cells_give_the_same_bytes(planned):
    first, second = (items_of(planned().planned) for _ in range(2))
    assert first == second
    assert json.loads(gzip.decompress(first))["version"] == 1


def test_tracking_is_no_part_of_what_a_cell_is(planned):
    plain = planned()
    more = planned("tracking.watch_examples=7", "tracking.probabilities=false")
    assert [one.cell.cell for one in plain.planned] == [one.cell.cell for one in more.planned]
