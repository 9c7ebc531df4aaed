import pytest

from seedbed.data.annotations.conllu import ConllU
from seedbed.data.dataset import Dataset
from seedbed.data.raw_example import RawExample


def row(number, form, upos="_", misc="_"):
    return "\t".join([str(number), form, "_", upos, *"_____", misc])


SENTENCES = "\n".join([
    "# newdoc", "# sent_id = s1", "# text = Vámonos al mar de Ana", row("1-2", "vámonos", misc="SpaceAfter=No"),
    row(1, "vamos", "VERB"), row(2, "nos", "PRON"), row("2.1", "x"), row(3, "Ana", "PROPN", "NER=B-PER|SpaceAfter=No"),
    row(4, "Ruiz", "PROPN", "Gloss=a|NER=I-PER"), "", "# sent_id = s2", row(1, "Mar", "NOUN", "NER=O"), "", "",
])  # fmt: skip


@pytest.fixture
def file(tmp_path):
    def written(text):
        path = tmp_path / "a.conllu"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_tags_of_misc_with_ids_and_what_is_left_out(file):
    assert list(ConllU().read(file(SENTENCES))) == [
        RawExample(
            ("vamos", "nos", "Ana", "Ruiz"), ("O", "O", "B-PER", "I-PER"), 5, "s1",
            ("multiword_ranges", "empty_nodes"), (5, 6, 8, 9),
        ),
        RawExample(("Mar",), ("O",), 12, "s2", (), (12,)),
    ]  # fmt: skip


def test_tags_of_another_column(file):
    first, second = ConllU(column="upos", scheme="bare").read(file(SENTENCES))
    assert (first.target, second.target) == (("VERB", "PRON", "PROPN", "PROPN"), ("NOUN",))


def test_a_data_set_of_it_has_the_entities(file):
    text = "".join(f"# sent_id = {n}\n{row(1, 'Ana', misc='NER=B-PER')}\n{row(2, 'ran')}\n\n" for n in range(9))
    corpus = Dataset(task="tagging", path=str(file(text)), reader=ConllU(), held_out={"test": 0.3}).load()
    assert corpus.labels == ("O", "B-PER")
    assert corpus.by_id["3"].target == ("B-PER", "O")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 a b\n", "a.conllu:1: 1 columns, and CoNLL-U has 10"),
        (row(1, "") + "\n", "a.conllu:1: a word without"),
        (row("x", "a") + "\n", "a.conllu:1: a word without"),
        (row(1, "a") + "\n", "no word has NER= in the column misc; dataset.reader.attribute names another"),
        ("# only\n", "has no words"),
    ],
)
def test_bad_files_are_refused(file, refused, text, message):
    assert message in refused(ConllU(), file(text))
