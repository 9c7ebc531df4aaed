import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings.static import Static
from seedbed.senses.neighbors import nearest_contexts, nearest_words, sense_silhouette


def silhouette_by_hand(vectors, labels):
    """Rousseeuw's definition, with cosine distance."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    distance = 1 - unit @ unit.T
    values = []
    for n, label in enumerate(labels):
        own = [m for m, other in enumerate(labels) if other == label and m != n]
        if not own:
            values.append(0.0)
            continue
        within = distance[n, own].mean()
        nearest = min(
            distance[n, [m for m, other in enumerate(labels) if other == this]].mean() for this in set(labels) - {label}
        )
        values.append((nearest - within) / max(nearest, within))
    return float(np.mean(values))


@given(st.integers(0, 500), st.lists(st.sampled_from("abc"), min_size=4, max_size=12))
def test_separation_is_the_silhouette(seed, labels):
    vectors = np.random.default_rng(seed).normal(size=(len(labels), 6))
    found = sense_silhouette(vectors, labels)
    if 2 <= len(set(labels)) < len(labels):
        assert found == pytest.approx(silhouette_by_hand(vectors, labels), abs=1e-9)
    else:
        assert found is None


def test_senses_that_are_apart_and_senses_that_are_mixed():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(20, 8)) * 0.1
    apart = noise + np.repeat(np.eye(8)[:2], 10, axis=0)
    assert sense_silhouette(apart, ["a"] * 10 + ["b"] * 10) > 0.8
    assert sense_silhouette(apart, ["a", "b"] * 10) < 0.05


def test_what_has_no_sense_is_left_out():
    vectors = np.random.default_rng(2).normal(size=(6, 4))
    senses = ["a", "", "b", "b", "", "a"]
    kept = [0, 2, 3, 5]
    assert sense_silhouette(vectors, senses) == sense_silhouette(vectors[kept], [senses[n] for n in kept])


@pytest.mark.parametrize("senses", [["a"] * 4, ["a", "b", "c", "d"], [""] * 4, ["a", "", "", "a"], ["a", "b", "", ""]])
def test_where_it_is_not_defined_there_is_none(senses):
    assert sense_silhouette(np.eye(4), senses) is None


@given(st.integers(0, 500), st.integers(2, 15), st.integers(1, 4))
def test_the_nearest_contexts_by_brute_force(seed, number, count):
    vectors = np.random.default_rng(seed).normal(size=(number, 5)).astype(np.float32)
    for n, nearest in enumerate(nearest_contexts(vectors, count)):
        cosines = {
            m: float(vectors[n] @ vectors[m] / np.linalg.norm(vectors[n]) / np.linalg.norm(vectors[m]))
            for m in range(number)
            if m != n
        }
        wanted = sorted(cosines.items(), key=lambda pair: -pair[1])[:count]
        assert [m for m, _ in nearest] == [m for m, _ in wanted]
        assert [cosine for _, cosine in nearest] == pytest.approx([cosine for _, cosine in wanted], abs=1e-6)


def test_equal_contexts_come_in_order_and_zero_is_near_nothing():
    nearest = nearest_contexts(np.array([[1.0, 0], [1, 0], [2, 0], [0, 0]]), 3)
    assert nearest[0] == [(1, 1.0), (2, 1.0), (3, 0.0)]


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(3)
    words = ["work", "Work", "works", "naïve", *(f"w{n}" for n in range(40))]
    rows = np.round(rng.normal(size=(len(words), 6)), 4)
    rows[1] = rows[0]
    file = tmp_path / "small.txt"
    lines = (f"{word} {' '.join(map(str, row))}" for word, row in zip(words, rows.tolist(), strict=True))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file, words, rows


def brute_force(words, rows, word, count):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = unit @ unit[words.index(word)]
    order = [n for n in np.argsort(-cosines, kind="stable") if words[n].casefold() != word.casefold()]
    return [(words[n], pytest.approx(cosines[n], abs=1e-5)) for n in order[:count]]


def test_the_nearest_words_of_a_table(table):
    file, words, rows = table
    found = nearest_words(Static(path=str(file), dim=6), ["work", "WORKS", "absent"], 5)
    assert found == {"work": brute_force(words, rows, "work", 5), "WORKS": brute_force(words, rows, "works", 5)}
    assert "naïve" in dict(nearest_words(Static(path=str(file), dim=6), ["w1"], 43)["w1"])


def test_case_and_limit_of_the_table_count(table):
    file, words, rows = table
    assert nearest_words(Static(path=str(file), dim=6, case="exact"), ["WORKS"], 5) == {}
    limited = nearest_words(Static(path=str(file), dim=6, limit=10), ["work", "w39"], 4)
    assert limited == {"work": brute_force(words[:10], rows[:10], "work", 4)}
