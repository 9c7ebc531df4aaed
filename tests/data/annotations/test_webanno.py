"""Files from the tests of INCEpTION's own writer (inception-io-webanno-tsv, tsv3-suite), and what is refused."""

import pytest

from seedbed.data.annotations.document import UNLABELLED, Span
from seedbed.data.annotations.webanno import WebAnno
from seedbed.data.dataset import Dataset

HEAD = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n"
STACKED = HEAD + (
    "#Text=aaaaaa bbbbbb cccccc\n1-1\t0-6\taaaaaa\t2a[1]|1a[5]\t\n1-1.1\t3-6\taaa\t9a[7]|8a[11]\t\n"
    "1-2\t7-13\tbbbbbb\t2a[1]|9a[7]|4a[13]\t\n1-2.1\t7-10\tbbb\t8a[11]|4a[13]\t\n1-2.2\t7-7\t\t11a[15]\t\n"
    "1-3\t14-20\tcccccc\t_\t\n1-3.1\t14-17\tccc\t9a[7]\t\n"
)


@pytest.fixture
def file(tmp_path):
    def written(text, name="a.tsv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_offsets_are_utf16_units(file):
    rows = "1-1\t0-1\tI\t_\t\n1-2\t2-6\tlike\t_\t\n1-3\t7-9\tit\t_\t\n1-4\t10-12\t😊\t*\t\n1-5\t13-14\t.\tx\t\n"
    [document] = WebAnno().documents(file(f"{HEAD}#Text=I like it 😊 .\n{rows}"))
    assert document.tokens == ((0, 1), (2, 6), (7, 9), (10, 11), (12, 13))
    assert document.spans == (Span(10, 11, "Span"), Span(12, 13, "x"))


def test_stacked_spans_over_parts_of_tokens(file):
    [document] = WebAnno().documents(file(STACKED))
    assert document.spans == (
        Span(0, 6, "1a"), Span(0, 13, "2a"), Span(3, 10, "8a"), Span(3, 17, "9a"), Span(7, 13, "4a"),
    )  # fmt: skip
    assert [kind for kind, _ in document.notes] == ["spans_without_a_token_dropped"]


def test_line_ends_and_escapes(file):
    text = (
        HEAD
        + "#Text=This is\n#Text=a\\ttest\n1-1\t0-4\tThis\ta\\_b\\|c\\[1\\]\t\n1-2\t5-7\tis\t_\t\n1-3\t8-9\ta\t_\t\n"
    )
    [document] = WebAnno().documents(file(text))
    assert (document.text, document.spans) == ("This is\na\ttest", (Span(0, 4, "a_b|c[1]"),))


LAYERS = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue|coarseValue\n"
    "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value\n"
    "#T_RL=webanno.custom.Rel|label|BT_de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity\n\n\n"
    "#Text=Ginter de Brojn\n1-1\t0-6\tGinter\tPROPN\tPROPN\tQ6[1]\tPERS[1]\t_\t_\t\n"
    "1-2\t7-9\tde\tX\tX\tQ6[1]\tPERS[1]\t_\t_\t\n1-3\t10-15\tBrojn\tPROPN\tPROPN\t_\t_\t_\t_\t\n\n"
    "#Text=is\n2-1\t16-18\tis\tV\tV\t_\t_\t_\t_\t\n"
)


def test_the_layer_and_its_feature_are_found_or_named(file, refused):
    first, second = WebAnno().documents(file(LAYERS))
    assert (first.spans, second.text, second.status) == ((Span(0, 9, "PERS"),), "is", "labelled")
    first, _ = WebAnno(layer="NamedEntity", feature="identifier").documents(file(LAYERS))
    assert first.spans == (Span(0, 9, "Q6"),)
    assert "has the features PosValue, coarseValue" in refused(WebAnno(layer="POS"), file(LAYERS))
    assert "no layer Chunk" in refused(WebAnno(layer="Chunk"), file(LAYERS))


def test_the_export_of_a_project_has_a_file_for_each_annotator(file, tmp_path):
    other = LAYERS.replace("PERS[1]", "_").replace("Q6[1]", "_")
    file(LAYERS, "p/annotation/doc.txt/ann.tsv"), file(other, "p/annotation/doc.txt/bob.tsv")
    data = Dataset(task="auto", path=str(tmp_path / "p"), reader=WebAnno())
    assert data.task == "tagging"
    [groups] = data.annotated().groups.values()
    assert [(version.id, version.annotator, version.status) for version in groups[0].versions] == [
        ("doc.txt:1", "ann", "labelled"), ("doc.txt:1", "bob", UNLABELLED),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#FORMAT=WebAnno TSV 2\n", "a.tsv:1: the first line of WebAnno TSV 3 is"),
        (HEAD + "#Text=a b\n1-1\t0-1\n", "a.tsv:6: no row of WebAnno TSV"),
        (HEAD + "#Text=a b\n1-1\t0-1\ta\n", "a.tsv:6: no row of WebAnno TSV"),
        (HEAD + "#Text=a b\n1-1\t0-1\tx\t_\t\n", "a.tsv:6: the token 'x' is not in the text before it"),
        (HEAD + "#Text=a b\n1-1\t0-1\ta\t_\t\n1-2\t2-9\tb\t_\t\n", "a.tsv:7: the token 'b' from 2 to 9"),
        (HEAD + "#Text=a b\n1-1\t0-1\ta\t_\t\n1-2\t2-3\tc\t_\t\n", "a.tsv:7: the span 2 to 3"),
        (HEAD, "has no tokens"),
    ],
)
def test_bad_files_are_refused(file, refused, text, message):
    assert message in refused(WebAnno(), file(text))
