"""Settings of any length as params, and back."""

from hypothesis import given
from hypothesis import strategies as st

from seedbed.tracking.names import LONGEST_NAME
from seedbed.tracking.params import LONGEST_VALUE, settings_of, stored_params

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=400)
VALUES = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.just("long é" * 3000))


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_stored_fits_and_comes_back(settings):
    params = stored_params(settings)
    assert all(len(key) <= LONGEST_NAME and len(value) <= LONGEST_VALUE for key, value in params.items())
    assert settings_of(params) == settings


def test_a_setting_of_usual_length_has_its_own_name():
    assert stored_params({"encoder.units": 100}) == {"encoder.units": "100"}


def test_a_cell_with_long_settings_is_found_by_them(store, make_cell, make_outcome):
    from seedbed.tracking.query import matching, stored_cells

    names = [f"type {n}" for n in range(2_000)]
    settings = {"dataset.reader.tag_names": str(names), f"dataset.labels.{'long ' * 60}": "short", "encoder.units": "8"}
    run = store.write_group([make_cell(settings=settings)], [make_outcome()], None, {})[0]
    cells = stored_cells(store.all_runs())
    (found,) = matching(cells, "encoder.units = 8")
    assert found.settings.items() >= settings.items()
    assert len(store._client.get_run(run).data.params) > len(settings)
    assert matching(cells, f"instr(dataset.reader.tag_names, '{names[-1]}') > 0") == [found]


def test_parts_of_which_one_is_missing_are_no_error():
    params = stored_params({"a": "x" * 20_000})
    params.popitem()
    assert len(settings_of(params)) == 1
