import posixpath
import re

from hypothesis import example, given
from hypothesis import strategies as st

from seedbed.tracking.names import name_of_stored, stored_name


@given(st.text(min_size=1) | st.text("u:2f6./ &", min_size=1))
@example(":u26&")
@example("&u26:")
def test_any_name_is_allowed_by_mlflow_and_comes_back(name):
    stored = stored_name(name)
    assert re.fullmatch(r"[/\w.\- :]*", stored)
    assert posixpath.normpath(stored) == stored
    assert not stored.startswith(("..", "/"))
    assert stored != "."
    assert name_of_stored(stored) == name


def test_ordinary_names_stay_as_they_are():
    for name in ("test/f1", "test/f1/geo-loc", "validation/macro_f1", "test/recall/NUM:dist"):
        assert stored_name(name) == name
