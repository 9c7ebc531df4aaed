"""Which lines are rows, how they are parted, and what is no token."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.data.column_layout import Layout
from seedbed.data.conll_files import sentences
from seedbed.data.readers import Columns


def read(text, token=0, tag=-1, separator="whitespace", uneven=False):
    layout = Layout(Path("f.conll"), token, tag, separator, uneven)
    return sentences(text.removesuffix("\n").split("\n"), layout)


def pairs(text, **settings):
    return [list(zip(raw.words, raw.target, strict=True)) for raw in read(text, **settings)]


def left_out(text, **settings):
    return [kind for raw in read(text, **settings) for kind in raw.left_out]


def refused(text, *said, **settings):
    message = refusal(read, text, **settings)
    for words in said:
        assert words in message
    return message


def test_blanks_inside_a_token_or_type_are_kept_where_each_row_has_tabs():
    assert pairs("Ana\tB-PER\nNew York\tB-Home Town\n") == [[("Ana", "B-PER"), ("New York", "B-Home Town")]]
    assert pairs("Ana\t\tB-PER\nNew York\tB-LOC\nx\t\t\tO\n")[0][1] == ("New York", "B-LOC")
    assert pairs("Ana\t\t\tB-PER\nNew York\tNNP\tx\tB-LOC\n")[0] == [("Ana", "B-PER"), ("New York", "B-LOC")]
    assert pairs("Ana \t O\nNew York\t O\n")[0] == [("Ana", "O"), ("New York", "O")]


def test_columns_parted_by_blanks_and_tabs_together_stay_what_they_are():
    assert pairs("Ana NNP\tB-PER\nis VBZ\tO\n") == [[("Ana", "B-PER"), ("is", "O")]]
    assert pairs("  Ana   NNP B-PER  \nis\t VBZ O\t\n") == [[("Ana", "B-PER"), ("is", "O")]]


def test_other_characters_that_look_like_blanks_are_no_separators():
    assert pairs("New\u00a0York B-LOC\n全\u3000角 O\n") == [[("New\u00a0York", "B-LOC"), ("全\u3000角", "O")]]


def test_rows_of_uneven_width_are_refused_with_their_line_and_the_setting_to_type():
    text = "Ana B-PER\n\nNew York B-LOC\n"
    assert refused(text, "f.conll:3: 3 columns, where line 1 has 2", "dataset.reader.uneven=true", "tabs")
    assert pairs(text, uneven=True) == [[("Ana", "B-PER")], [("New", "B-LOC")]]
    assert refused("a\tb\tO\nc\tO\n", "f.conll:2: 2 columns, where line 1 has 3", separator="tab")
    assert pairs("a\tb\tO\nc\tO\n", separator="tab", uneven=True) == [[("a", "O"), ("c", "O")]]
    assert refused("New York B-LOC\nx B-PER y\nz O\n", "f.conll:3: 2 columns, where line 1 has 3", tag=1)


def test_more_columns_behind_those_that_are_wanted_may_differ_between_sentences():
    text = "d 0 Ana (PERSON* *\nd 1 Lee *) *\n\nd 0 is * * (V*)\n"
    assert pairs(text, token=2, tag=3) == [[("Ana", "(PERSON*"), ("Lee", "*)")], [("is", "*")]]
    assert refused(text, "f.conll:4: 6 columns, where line 1 has 5", token=2)
    assert pairs("New York\tB-LOC\n\nOslo\tB-LOC\tx\ty\n", tag=1) == [[("New York", "B-LOC")], [("Oslo", "B-LOC")]]


def test_lines_between_documents_may_have_any_width():
    text = "-DOCSTART- -X- O O\n\na NN x O\n \t\n-DOCSTART-\nb NN x O\n#end document\nc NN x O\n"
    assert pairs(text) == [[("a", "O")], [("b", "O")], [("c", "O")]]
    assert [raw.line for raw in read(text)] == [3, 6, 8]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("# id a0\tdomain=train\nAna _ _ B-PER\n\n# id a1\tdomain=dev\n# x\nBo _ _ O\n", {}),
        ("# id a0\tdomain=train\nAna _ _ PER\n\n# id a1\tdomain=dev\n# x\nBo _ _ O\n", {}),
        ("#\thttp://x.org/a b [2009-10-17]\n1\tAna\tB-PER\tO\n\n#\tn-tv vom 2.3. [2005-02-26]\n1\tBo\tO\tO\n",
         {"token": 1, "tag": 2}),
        ("###MEDLINE:1\n\nAna B-PER\n\n###MEDLINE:2\n\nBo O\n", {}),
        ("#begin document (x/y); part 000\nx 0 Ana B-PER\n\nx 0 Bo O\n#end document\n", {"token": 2}),
        ("# begin document\n0\tAna\t(1)\n# end document\n# begin document\n0\tBo\t_\n", {"token": 1}),
        ("# sent_id = s0\n# text = some words\n1\tAna" + "\t_" * 8 + "\n\n1\tBo" + "\t_" * 8 + "\n", {"token": 1}),
        ("# text = X marks the spot of it all\n1\tAna\t_\tB-PER\n\n# text = O\n1\tBo\t_\tO\n", {"token": 1}),
        ("# Made by hand.\n# License: CC0\n\nAna B-PER\n\nBo O\n\n# end\n", {}),
    ],
)  # fmt: skip
def test_lines_of_comments_are_no_tokens_and_counted(text, settings):
    result = pairs(text, **settings)
    assert [[word for word, _ in sentence] for sentence in result] == [["Ana"], ["Bo"]]
    comments = sum(line.startswith("#") for line in text.split("\n"))
    assert left_out(text, **settings) == ["comment_lines"] * comments


@pytest.mark.parametrize(
    "text",
    [
        "# O\nBRINGBACK O\n\na O\n",
        "#obama B-PER\nis O\n\n#a B-x\n#b O\n",
        "#new O\n\n#only O\n",
        "# B-PER\n#x B-LOC\n\na B-LOC\n",
        "a O\n# O\n#tag B-x\n",
        "#geo PLACE\nx PERSON\n\ny O\n",
    ],
)
def test_tokens_that_begin_with_a_hash_stay_tokens(text):
    rows = [tuple(line.split()) for line in text.split("\n") if line]
    assert [row for sentence in pairs(text) for row in sentence] == rows
    assert not left_out(text)


def test_a_hashtag_with_a_blank_is_refused_and_not_taken_for_a_comment():
    assert refused("#New York O\n\na O\n", "f.conll:1: 3 columns, where line 3 has 2")
    for word in ("#New York", "# a"):
        assert pairs(f"{word}\tO\n\na\tO\n") == pairs(f"{word}\tO\n\na\tO\n", tag=1) == [[(word, "O")], [("a", "O")]]


UD = """# sent_id = 1
# text = X of del
1-2\tdel\t_\t_\t_\t_\t_\t_\t_\t_
1\tde\tde\tADP\t_\t_\t3\tcase\t_\t_
2\tel\tel\tDET\t_\t_\t3\tdet\t_\t_
2.1\tvoid\tvoid\tVERB\t_\t_\t_\t_\t_\t_
3\tNew York\tx\tPROPN\t_\t_\t0\troot\t_\t_

"""


def test_ranges_and_empty_nodes_of_conllu_are_no_tokens():
    (raw,) = read(UD, token=1, tag=3)
    assert raw.words == ("de", "el", "New York")
    assert raw.left_out == ("comment_lines",) * 2 + ("multiword_ranges", "empty_nodes")
    assert (raw.line, raw.lines) == (3, (4, 5, 7))
    assert pairs(UD, token=1, tag=3, separator="tab") == [list(zip(raw.words, raw.target, strict=True))]
    plus = "# global.columns = ID FORM NE\n1-2\tdel\t_\n1\tde\tO\n2\tel\tB-x\n"
    assert pairs(plus, token=1) == [[("de", "O"), ("el", "B-x")]]
    assert len(pairs("1-2\tdel\tO\n1\tde\tO\n2\tel\tB-x\n", token=1)[0]) == 3


def test_numbers_of_tokens_are_not_taken_for_words():
    assert refused(UD, "f.conll:3: column 0 has the numbers of the tokens", "dataset.reader.token_column=1", tag=3)
    assert refused("1 a O\n2 b O\n3 c O\n\n1 d O\n", "dataset.reader.token_column=1")
    assert len(pairs("1 O\n2 O\n")[0]) == 2


def test_too_few_columns_come_before_uneven_ones():
    assert refused("a O\n\nb\n", "f.conll:3: too few columns: 1")
    assert refused("a\tO\n\tO\n", "f.conll:2: an empty token or tag", separator="tab")


WORDS = st.text(st.sampled_from("ab#-é\u00a0\u3000"), min_size=1, max_size=4).filter(
    lambda word: not word.startswith("-DOCSTART-")
)
COMMENTS = ("# text = some words", "# id a\tdomain=train", "#\thttp://x [2009-10-17]", "###MEDLINE:1", "# newpar",
            "#begin document (x); part 000", "#end document")  # fmt: skip


@st.composite
def corpora(draw):
    """Sentences of rows, the first without a hash, and comments to put before some of them."""
    tabs = draw(st.booleans())
    words = st.builds(" ".join, st.lists(WORDS, min_size=1, max_size=2)) if tabs else WORDS
    middle = draw(st.sampled_from([[], ["NN"], ["NN", "_"]]))
    row = st.builds(lambda word, tag: [word, *middle, tag], words, st.sampled_from(["O", "B-x", "I-x"]))
    sentences = [[["a", *middle, "O"]], *draw(st.lists(st.lists(row, min_size=1, max_size=3), max_size=5))]
    comments = [draw(st.lists(st.sampled_from(COMMENTS), max_size=2)) for _ in sentences]
    return "\t" if tabs else " ", sentences, comments


@given(corpora())
def test_comments_and_blanks_inside_tokens_do_not_change_what_is_read(corpus):
    joint, wanted, comments = corpus
    lines = []
    for above, rows in zip(comments, wanted, strict=True):
        lines += [*above, *(joint.join(row) for row in rows), ""]
    settings = {"separator": "tab"} if joint == "\t" else {}
    for separator in ({}, settings):
        result = read("\n".join(lines), **separator)
        assert [(raw.words, raw.target) for raw in result] == [
            (tuple(row[0] for row in rows), tuple(row[-1] for row in rows)) for rows in wanted
        ]
        assert sum(len(raw.left_out) for raw in result) == sum(map(len, comments))


@pytest.mark.parametrize(("text", "settings", "said"), [
    ("Anna,B-PER\nlives,O\n", {}, r"split at spaces and tabs: 'Anna,B-PER'; tr ',' '\\t' < f\.conll > NEW"),
    ("Anna B-PER\nlives O\n", {"separator": "tab"}, r"tabs: 'Anna B-PER'; dataset\.reader\.separator=whitespace"),
    ("Anna B-PER\nlives O\nin\n\nOslo O\n", {}, r"f\.conll:3: .*: 'in'; line 1 has both: is something missing here"),
    ("Anna\nlives\n", {}, r"f\.conll:1: .*: 'Anna'; dataset\.reader\.token_column and dataset\.reader\.tag_column"),
])  # fmt: skip
def test_a_row_with_too_few_columns_is_refused_with_what_to_type(tmp_path, text, settings, said):
    (tmp_path / "f.conll").write_text(text, encoding="utf-8")
    assert refusal(lambda: list(Columns(**settings).read(tmp_path / "f.conll")), match=said)
