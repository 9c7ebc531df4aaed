from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.errors import InputError
from seedbed.senses.occurrences import CUT, Occurrence, clip_sentences, find_occurrences, snippet, snippet_text
from seedbed.senses.passages import Passage


def passages(*texts):
    return [Passage(tuple(text.split()), location=f"line {n}") for n, text in enumerate(texts, 1)]


def test_case_does_not_matter_and_forms_count():
    found = find_occurrences(passages("Work works", "no", "WORK workshop"), ["work", "Works"], 9)
    assert [(one.passage.location, one.form) for one in found.occurrences] == [
        ("line 1", "Work"), ("line 1", "works"), ("line 3", "WORK"),
    ]  # fmt: skip
    assert (found.total, found.sentences, found.without_word) == (3, 3, 1)


@given(st.lists(st.lists(st.sampled_from(["a", "A", "b", "ß", "SS"]), min_size=1, max_size=5), max_size=30))
def test_every_occurrence_is_found(sentences):
    wanted = [(n, at) for n, tokens in enumerate(sentences) for at, token in enumerate(tokens)
              if token.casefold() in ("a", "ss")]  # fmt: skip
    given_ = [Passage(tuple(tokens), location=str(n)) for n, tokens in enumerate(sentences)]
    if len(wanted) < 2:
        with pytest.raises(InputError):
            find_occurrences(given_, ["a", "ss"], 100)
    else:
        found = find_occurrences(given_, ["a", "ss"], 100).occurrences
        assert [(int(one.passage.location), one.position) for one in found] == wanted


@given(st.integers(2, 50), st.integers(2, 50))
def test_a_limit_spreads_over_all(number, limit):
    found = find_occurrences(passages(*["work"] * number), ["work"], limit)
    lines = [int(one.passage.location.split()[1]) for one in found.occurrences]
    assert found.total == number
    assert len(lines) == min(number, limit)
    assert lines[0] == 1
    steps = [after - before for before, after in pairwise(lines)]
    assert max(steps) - min(steps) <= 1


def test_no_occurrence_names_what_is_near():
    with pytest.raises(InputError, match=r"word=work: in none of two sentences; similar words are working, works: "):
        find_occurrences(passages("it works", "Working is"), ["work"], 9)
    with pytest.raises(InputError, match=r"word=work: in none of one sentence$"):
        find_occurrences(passages("nothing at all"), ["work"], 9)


def test_one_occurrence_is_not_enough():
    with pytest.raises(InputError, match=r"occurs once in two sentences \(line 2\); two are needed"):
        find_occurrences(passages("no", "the work"), ["work"], 9)


@pytest.mark.slow
@given(st.integers(1, 30), st.integers(0, 29), st.integers(1, 12))
def test_a_long_sentence_is_cut_around_the_word(length, at, longest):
    at = min(at, length - 1)
    tokens = [f"t{n}" for n in range(length)]
    tokens[at] = "work"
    found = clip_sentences(find_occurrences(passages(" ".join(tokens), "work"), ["work"], 9), longest)
    cut = found.occurrences[0]
    assert cut.form == "work"
    assert len(cut.passage.tokens) == min(length, longest)
    assert " ".join(cut.passage.tokens) in " ".join(tokens)
    assert found.clipped == int(length > longest)


@given(
    st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=12), st.integers(0, 11), st.integers(4, 40)
)
def test_a_snippet_has_the_word_in_whole_neighbours(tokens, at, longest):
    at = min(at, len(tokens) - 1)
    before, word, behind = snippet(Occurrence(Passage(tuple(tokens)), at), longest)
    left, right = before.split(), behind.split()
    whole = " ".join(part for part in (before, word, behind) if part)
    assert len(whole.removeprefix(f"{CUT} ").removesuffix(f" {CUT}")) <= longest
    assert word == tokens[at] or word.endswith(CUT)
    kept_left = [token for token in left if token != CUT]
    kept_right = [token for token in right if token != CUT]
    assert kept_left == tokens[at - len(kept_left) : at]
    assert kept_right == tokens[at + 1 : at + 1 + len(kept_right)]
    assert (CUT in left) == (len(kept_left) < at)
    assert (CUT in right) == (len(kept_right) < len(tokens) - at - 1)


def test_a_snippet_on_one_line():
    one = find_occurrences(passages("Hundreds of people work in this building", "work"), ["work"], 9).occurrences[0]
    assert snippet_text(one, 31) == "… of people work in this building"
    assert snippet_text(one, 99) == "Hundreds of people work in this building"
    assert snippet_text(one, 4) == "… work …"
