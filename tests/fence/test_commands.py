"""The table of bad inputs of the command line: each has a row in the documentation, and a sample runs as it says."""

from pathlib import Path

import pytest
from tests.fence import command_before
from tests.fence.command_input import make_study, run
from tests.fence.command_table import PAGE, counted, inputs, rows_of_page, start

INPUTS = {str(one): one for one in inputs()}
SAMPLE = (
    "number: seed=9223372036854775808", "name: an arm without a name",
    "file of a study: an expansion without end", "sweep, run -m: seed=1,2 hydra.sweep.dir=texts.csv/below",
    "address of a store: http://", "output to /dev/full: --help",
    "archive of a hub module: of a path that leads out",
)  # fmt: skip


def test_there_are_many_inputs_each_with_a_row_of_its_own_and_a_test():
    assert len(INPUTS) >= 150
    assert len({start(one) for one in INPUTS.values()}) == len(inputs())
    tests = Path(__file__).parents[1]
    assert sorted({one.covered for one in INPUTS.values() if not (tests / one.covered).is_file()}) == []


def test_the_page_of_the_documentation_has_every_input():
    rows = rows_of_page()
    assert [name for name, one in INPUTS.items() if start(one) not in rows] == []


def test_the_page_has_what_the_older_version_did_with_each_kind():
    made = command_before.rows()
    known = {*command_before.FAILED, command_before.HELD, command_before.OTHER_WORDS, command_before.NO_COMMAND}
    assert {row["failed by"] for row in made} <= known
    assert len({(row["kind"], row["input"]) for row in made}) == len(made) > 200
    assert {row["kind"] for row in made} <= {one.group for one in INPUTS.values()}
    assert command_before.section() + counted() in PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands") / "texts"
    make_study(folder, is_trained=False)
    return folder


@pytest.mark.parametrize("name", SAMPLE)
def test_a_command_does_what_is_expected(texts, name):
    assert run(INPUTS[name], texts).faults == ()
