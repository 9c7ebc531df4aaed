import pytest

from seedbed.data.annotations.brat import Brat
from seedbed.data.annotations.document import UNLABELLED, Span
from seedbed.data.dataset import Dataset

# From the documentation of the standoff format of brat 1.3: events, relations and attributes are no spans.
TEXT = "Sony said \U0001f4a9 it agrees\nto North and South America.\n"
ANN = (
    "T1\tOrganization 0 4\tSony\nT2\tMERGE 15 24\tagrees to\nT3\tLocation 25 30;41 48\tNorth America\n"
    "E1\tMERGE:T2 Org1:T1\nR1\tOrigin Arg1:T3 Arg2:T1\t\n*\tEquiv T1 T2\nA1\tNegation E1\n#1\tAnnotatorNotes T1\tx\n"
)


@pytest.fixture
def folder(tmp_path):
    """Write texts with annotations into a folder."""

    def written(**files):
        place = tmp_path / "ann"
        place.mkdir(exist_ok=True)
        for name, (text, ann) in files.items():
            (place / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
            if ann is not None:
                (place / f"{name}.ann").write_text(ann, encoding="utf-8", newline="")
        return place

    return written


def test_a_document_with_parts_and_line_ends(folder):
    [document] = Brat(lines=False).documents(folder(a=(TEXT, ANN)) / "a.txt")
    assert (document.id, document.annotator, document.text) == ("a", "ann", TEXT)
    assert document.spans == (
        Span(0, 4, "Organization"), Span(15, 24, "MERGE"), Span(25, 48, "Location", ((25, 30), (41, 48))),
    )  # fmt: skip


def test_lines_are_examples_and_what_is_cut_is_said(folder):
    first, second = Brat().documents(folder(a=(TEXT, ANN)) / "a.txt")
    assert (first.id, first.text) == ("a:1", "Sony said 💩 it agrees")
    assert first.spans == (Span(0, 4, "Organization"), Span(15, 21, "MERGE"))
    assert second.spans == (Span(0, 2, "MERGE"), Span(3, 26, "Location", ((3, 8), (19, 26))))
    assert [kind for document in (first, second) for kind, _ in document.notes] == ["spans_cut_at_line_ends"] * 2


def test_windows_line_ends_count_as_two(folder):
    path = folder(a=("one\r\ntwo\r\n", "T1\tX 5 8\ttwo\r\n")) / "a.txt"
    assert [document.spans for document in Brat().documents(path)] == [(), (Span(0, 3, "X"),)]


def test_texts_without_annotations(folder):
    place = folder(new=("a b", None), opened=("c d", ""))
    assert next(Brat().documents(place / "new.txt")).status == UNLABELLED
    assert next(Brat().documents(place / "opened.txt")).status == UNLABELLED
    assert next(Brat(without_spans="labelled").documents(place / "opened.txt")).status == "labelled"


def test_a_folder_is_a_data_set(folder, tmp_path):
    place = folder(
        **{f"d{n}": (f"Ann {n} ran\nto Rome\n", "T1\tPER 0 3\tAnn\nT2\tLOC 13 17\tRome\n") for n in range(9)}
    )
    (place / "new.txt").write_text("not yet")
    corpus = Dataset(task="auto", path=str(place), reader=Brat(), tokenizer="reviews", held_out={"test": 0.2}).load()
    assert corpus.labels == ("O", "B-LOC", "B-PER")
    assert (sum(map(len, corpus.splits.values())), corpus.counts["unlabelled"]) == (18, 1)
    assert corpus.by_id["d3:1"].tokens == ("Ann", "3", "ran")
    before = corpus.digest
    (place / "d3.ann").write_text("T1\tPER 0 3\tAnn\n")
    again = Dataset(task="auto", path=str(place), reader=Brat(), tokenizer="reviews", held_out={"test": 0.2}).load()
    assert again.digest != before


@pytest.mark.parametrize(
    ("ann", "message"),
    [
        ("T1\tX 0 99\tSony", "a.ann:1: the span 0 to 99 of 'X' is beyond the text"),
        ("T1\tX 0 4\tToby", "'Toby' by its own account: the offsets are of another text"),
        ("T1\tX 0 4\tSony\nT1\tX 0 4\tSony", "a.ann:2: a duplicated id"),
        ("T1 X 0 4 Sony", "a.ann:1: no annotation of brat"),
        ("T1\tX 0 4", "a.ann:1: no annotation of brat"),
    ],
)
def test_bad_annotations_are_refused(folder, refused, ann, message):
    assert message in refused(Brat(), folder(a=(TEXT, ann)) / "a.txt")


def test_spans_on_another_normalisation_form_are_refused(folder, refused):
    path = folder(a=("cafe\u0301 noir", "T1\tX 5 9\tnoir")) / "a.txt"
    assert "counts characters of the text in NFC" in refused(Brat(), path)
