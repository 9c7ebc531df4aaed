"""Conditions on cells: what they may say, and what is refused in a line."""

import contextlib
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.errors import InputError
from seedbed.tracking.condition import parse_condition
from seedbed.tracking.query import _authorizer, matching_indices

COLUMNS = {
    "arm": ["glove", "it's", "50", None],
    "n_train": [50, 200, 200, 1000],
    "encoder": ["cnn", "bilstm", "cnn", "cnn"],
    "encoder.units": ["8", "16", None, "None"],
    "embedding.trainable": ["True", "False", "True", None],
    "test/accuracy": [0.5, 0.75, None, 0.9],
    "test/f1/a & b": [0.1, 0.2, 0.3, 0.4],
    "seconds": [1.0, 2.0, 3.0, 4.0],
    "epochs": [2, 2, 1, 1],
    "order": ["1e999", "2e999", "x", "y"],
}


def places(text):
    asked = parse_condition(text, COLUMNS)
    return matching_indices({name: COLUMNS[name] for name in asked.names}, asked, text)


@pytest.mark.parametrize(("text", "expected"), [
    ("n_train=200", [1, 2]),
    ("n_train = '200' and encoder != 'cnn'", [1]),
    ("encoder.units > 9", [1]),
    ("encoder.units is null", [2, 3]),
    ("embedding.trainable", [0, 2]),
    ("embedding.trainable = true", [0, 2]),
    ("not embedding.trainable", [1]),
    ("test/accuracy >= .75", [1, 3]),
    ("test/accuracy*2 > 1.5", [3]),
    ("test/f1/a & b > 0.15 and n_train < 1e3", [1, 2]),
    ('"test/f1/a & b" > 0.35', [3]),
    ("[encoder.units] in (8, 16)", [0, 1]),
    ("`arm` = 'it''s'", [1]),
    ("arm=50", [2]),
    ("arm like 'GL%'", [0]),
    ("seconds/epochs > 1", [2, 3]),
    ("seconds/2>=1", [1, 2, 3]),
    ("n_train-seconds = 49", [0]),
    ("(n_train=50 or n_train=1000) and length(encoder)=3", [0, 3]),
    ("n_train between 100 and 500", [1, 2]),
    ("case when n_train > 100 then epochs else 0 end = 2", [1]),
    ('"order" = \'x\'', [2]),
    ("ENCODER.units = 8 or n_train = 50", None),
])  # fmt: skip
def test_what_a_condition_means(text, expected):
    if expected is None:
        with pytest.raises(InputError, match=r"no column ENCODER\.units in the store; did you mean encoder\.units\?"):
            places(text)
    else:
        assert places(text) == expected


@pytest.mark.parametrize(("text", "said"), [
    ("datset='x'", "no column datset in the store"),
    ("units=8", "no column units in the store; did you mean encoder.units?"),
    ("encoder.unit=8", "no column encoder.unit in the store; did you mean encoder.units?"),
    ('encoder="cnn"', "texts are in single quotes"),
    ("n_train=50; n_train=200", "one condition, without comments and semicolons"),
    ("n_train=50 --", "without comments"),
    ("n_train=50 /* x */", "without comments"),
    ("n_train=50) or (n_train=200", "a bracket closes that was not opened"),
    ("(n_train=50", "a bracket is not closed"),
    ("n_train=", "ends too early"),
    ("n_train=50 and", "ends too early"),
    ("n_train 50", "syntax error"),
    ("max(n_train)=200", "misuse of aggregate"),
    ("load_extension('x') or n_train", "no function load_extension"),
    ("randomblob(1000000000)=n_train", "no function randomblob"),
    ("exists (select n_train)", "no function exists"),
    ("n_train in (select 1)", "no column select"),
    ("n_train=?", "cannot read '?'"),
    ("n_train=:x", "cannot read ':x'"),
    ("arm='x", "a quote is not closed: \"'x\""),
    ("", "is empty"),
    ("  ", "is empty"),
    ("1=1", "names no column"),
    ("arm=" + "(" * 3000 + "1" + ")" * 3000, "where="),
    ("arm=" + "replace(" * 30 + "arm" + ",'g',arm||arm||arm)" * 30, "where="),
])  # fmt: skip
def test_what_is_refused_in_one_line(text, said):
    with pytest.raises(InputError) as refused:
        places(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


@given(st.lists(st.sampled_from([
    *COLUMNS, "'x'", '"', "'", "(", ")", "=", " and ", " ", "1", "0.5", ".", "/", "-", "--", ";", "select", "attach",
    "x", "pragma user_version", "\n", "in", "null", "like", "max(", "é", "\x00", "\ud800",
]), max_size=8).map("".join))  # fmt: skip
def test_any_text_is_a_condition_or_refused(text):
    with contextlib.suppress(InputError):
        assert set(places(text)) <= {0, 1, 2, 3}


@pytest.mark.parametrize("statement", [
    "ATTACH 'other.db' AS other", "PRAGMA user_version", "DROP TABLE cells", "DELETE FROM cells",
    "INSERT INTO cells VALUES (1)", "CREATE TABLE x (y)", "SELECT name FROM sqlite_master",
    "SELECT randomblob(9) FROM cells", "SELECT load_extension('x')", "UPDATE cells SET a = 1",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n LIMIT 9",
])  # fmt: skip
def test_the_database_itself_refuses_all_but_reading_cells(statement):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE cells (a)")
        connection.set_authorizer(_authorizer(["a"]))
        assert connection.execute("SELECT rowid, abs(a) FROM cells WHERE (a = 1) ORDER BY rowid").fetchall() == []
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(statement).fetchall()
