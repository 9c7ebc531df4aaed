"""How much a new search changes tuned scores."""

import numpy as np
import pandas as pd
import pytest
from tests.report.searches import cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.pages.terminal import print_report
from seedbed.report.sections.contents import contents
from seedbed.report.sections.search_changes import search_change_sentences, search_change_table

SECTION = "Where the spread comes from"


def searched_again(changes, arms=("random", "glove"), sizes=(50,)):
    """A tuned study whose further searches changed each replicate's score by ``changes`` [searches, replicates]."""
    table = cells_of(make_trials(arms, sizes, len(changes[0])))
    first = table[table["setting"] == "tuned"]
    again = [
        first.assign(**{
            "setting": f"tuned {number}", "cell": first["cell"] + f"-{number}",
            "test/accuracy": first["test/accuracy"] + first["replicate"].map(dict(enumerate(by_replicate))),
        })
        for number, by_replicate in enumerate(changes, start=2)
    ]  # fmt: skip
    return pd.concat([table, *again], ignore_index=True)


def test_each_further_search_is_paired_with_the_first_by_replicate():
    changes = [[0.01, -0.02, 0.0], [0.04, 0.04, 0.01]]
    analysis = analyse(searched_again(changes, sizes=(50, 200)))
    assert [(one.n_train, one.arm, one.search) for one in analysis.search_changes] == [
        (size, arm, search) for size in (50, 200) for arm in ("random", "glove") for search in (2, 3)
    ]
    for one in analysis.search_changes:
        expected = np.array(changes[one.search - 2])
        assert one.paired.mean_difference == pytest.approx(expected.mean())
        assert (one.paired.ci_low, one.paired.ci_high) == pytest.approx((expected.min(), expected.max()))
        assert one.sd == pytest.approx(expected.std(ddof=1))
        assert one.changed == np.count_nonzero(expected)


def test_they_stand_where_the_spread_comes_from_and_in_the_terminal(capsys):
    analysis = analyse(searched_again([[0.01, -0.02, 0.04]]))
    (section,) = [section for section in contents(analysis) if section.title == SECTION]
    table = section.tables[0]
    assert table == search_change_table(analysis)
    assert table.header[6:] == ("difference", "75 % interval", "sd of the differences", "changed")
    assert [cell.text for cell in table.rows[0][6:]] == ["+1.00", "−2.00 to 4.00", "3.00", "3 of 3"]
    (said,) = search_change_sentences(analysis)
    assert "of a replicate: random by +1.0 points on average (sd 3.0, search 2, three pairs); glove by" in said
    assert said in table.note
    print_report(analysis, verbose=True)
    assert "a new search changes the tuned accuracy" in " ".join(capsys.readouterr().out.split())


def test_one_search_and_one_replicate_say_nothing_of_it():
    once = analyse(cells_of(make_trials(sizes=(50,), replicates=3)))
    assert once.search_changes == () == search_change_table(once).rows
    assert SECTION not in [section.title for section in contents(once)]
    alone = analyse(searched_again([[0.01]]))
    assert search_change_sentences(alone) == []
    assert [row[8].text for row in search_change_table(alone).rows] == ["–", "–"]


def test_cells_that_a_search_lacks_are_not_paired():
    table = searched_again([[0.01, -0.02, 0.04]])
    lost = (table["setting"] == "tuned 2") & (table["replicate"] == 2) & (table["arm"] == "random")
    random, glove = analyse(table.assign(status=np.where(lost, "failed", "finished"))).search_changes
    assert (random.paired.pairs, glove.paired.pairs) == (2, 3)
    assert random.paired.mean_difference == pytest.approx(-0.005)
