import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from seedbed.errors import InputError
from seedbed.report.analysis.results_table import check_table, read_table, table_bytes, write_table

HEADER = "arm,n_train,replicate,test/accuracy\n"
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(lambda name: name.strip())


def read(folder, text):
    path = folder / "results.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path)


def test_the_least_table_is_read(tmp_path):
    table = read(tmp_path, HEADER + "random,50,0,0.5\nglove,50,0,\n")
    assert list(table["arm"]) == ["random", "glove"]
    assert table["n_train"].dtype == table["replicate"].dtype == "int64"
    assert table["test/accuracy"][0] == 0.5
    assert math.isnan(table["test/accuracy"][1])


def test_a_score_may_have_any_name_and_notes_may_stand_beside_it(tmp_path):
    table = read(tmp_path, "arm,n_train,replicate,BLEU,note\nNA,50,0,31.5,good\nnull,50,0,30,\n")
    assert list(table["arm"]) == ["NA", "null"]
    assert list(table["BLEU"]) == [31.5, 30]
    assert list(table["note"]) == ["good", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "results.csv: empty file"),
        (HEADER, "results.csv: a header and no rows"),
        ("arm,n_train,test/f1\na,1,0.5\n", "results.csv:1: no column replicate"),
        ("arm,n_train,replicate\na,1,0\n", "results.csv:1: no score"),
        ("arm,n_train,replicate,x,x\na,1,0,1,1\n", "results.csv:1: column x appears twice"),
        (HEADER + "a,1,0,0.5\na,1,1,high\n", "results.csv:3: column test/accuracy: 'high' is not a number"),
        (HEADER + '"a\nb",1,0,0.5\na,1,1,high\n', "results.csv:4: column test/accuracy"),
        (HEADER + "a,1.5,0,0.5\n", "results.csv:2: column n_train: 1.5 is not a whole number"),
        (HEADER + "a,1,,0.5\n", "results.csv:2: column replicate: nan is not a whole number"),
        (HEADER + "a,1,0,0.5\nb,1,0,0.5\na,1,0,0.6\n", "results.csv:4: arm a, n_train 1, replicate 0 appears twice, "),
        (HEADER + "a,1,0\n", "results.csv:2: 3 fields where the header has 4"),
        (HEADER + ",1,0,0.5\n", "results.csv:2: column arm: no name"),
        (HEADER + '"a,1,0,0.5\n', "not a CSV table"),
    ],
)
def test_a_bad_table_is_refused_in_one_line_with_file_and_line(tmp_path, text, message):
    with pytest.raises(InputError) as refusal:
        read(tmp_path, text)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_and_a_wrong_encoding_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: there is no such file"):
        read_table(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADER.encode() + "café,1,0,0.5\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv:2: not UTF-8"):
        read_table(path)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path):
    table = read(tmp_path, "\ufeff" + HEADER.replace("\n", "\r\n") + "a,1,0,0.5\r\n")
    assert list(table.columns) == ["arm", "n_train", "replicate", "test/accuracy"]


@settings(max_examples=50)
@given(st.lists(st.tuples(names, st.floats(allow_infinity=False)), min_size=1, max_size=5), names)
def test_what_is_written_is_read_back_to_the_last_bit(tmp_path_factory, rows, dataset):
    table = pd.DataFrame({
        "arm": [name for name, _ in rows], "dataset": dataset, "n_train": 50, "replicate": range(len(rows)),
        "init_seed": 2**63 - 1, "test/f1": [score for _, score in rows],
    })  # fmt: skip
    path = tmp_path_factory.mktemp("tables") / "results.csv"
    write_table(table, path)
    assert_frame_equal(read_table(path), table, check_exact=True, check_dtype=False)


def test_a_missing_value_is_an_empty_field():
    table = pd.DataFrame({"a": [1.5, None], "b": ["x,y", None]})
    assert table_bytes(table) == b'a,b\n1.5,"x,y"\n,\n'


def test_checking_completes_a_copy(bare):
    given_table = bare({"a": [0.5, math.inf]})
    table = check_table(given_table)
    assert list(table["status"]) == ["finished", "finished"]
    assert math.isnan(table["test/accuracy"][1])
    assert "status" not in given_table.columns


def test_a_frame_with_the_same_cell_twice_is_refused(bare):
    table = bare({"a": [0.5]})
    with pytest.raises(InputError, match="row 2: arm a, n_train 200, replicate 0 appears twice"):
        check_table(pd.concat([table, table]))


def test_a_frame_with_a_word_for_a_score_is_refused(bare):
    table = bare({"a": [0.5]}).astype(object)
    table["test/accuracy"] = "high"
    with pytest.raises(InputError, match="column test/accuracy: not a number"):
        check_table(table)


def test_what_was_measured_beside_the_scores_is_read_as_numbers(tmp_path):
    header = "arm,n_train,replicate,test/accuracy,probe/c,probe/edge,note/of/mine\n"
    (tmp_path / "results.csv").write_text(f"{header}a,8,0,0.5,10.0,1.0,x\nb,8,0,0.5,,,2\n")
    table = read_table(tmp_path / "results.csv")
    assert table["probe/edge"].gt(0).tolist() == [True, False]
    assert table["probe/c"].isna().tolist() == [False, True]
    assert table["note/of/mine"].tolist() == ["x", "2"]
