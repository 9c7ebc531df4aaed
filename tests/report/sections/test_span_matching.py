"""The table of kinds of match: stored scores, and those counted from predictions."""

import numpy as np
import pandas as pd
import pytest

from seedbed.cells import Prediction
from seedbed.matching import MATCHINGS, matching_scores
from seedbed.metrics import tagging_scores
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.item_texts import Items, Text
from seedbed.report.analysis.scores import main_metrics
from seedbed.report.sections.contents import contents
from seedbed.report.sections.span_matching import matching_tables

WORDS = ("Ann", "met", "Bob", "van", "Dyk")
GOLD = ("B-per", "O", "B-per", "I-per", "I-per")
FOUND = {"a": ("B-per", "O", "B-loc", "I-loc", "I-loc"), "b": ("B-per", "O", "B-per", "O", "O")}


@pytest.fixture
def study(cells, keeping):
    """Arm b finds nothing in replicate 0; Ann is in the training examples of every draw."""

    def made(scale=1.0):
        table = cells(arms=("a", "b"), sizes=(50,), replicates=6, task="tagging").assign(run=lambda t: t["cell"])
        kept, scores = {}, []
        for row in table.itertuples():
            tags = ("O",) * 5 if row.arm == "b" and row.replicate == 0 else FOUND[row.arm]
            kept[row.run] = (Prediction("t", GOLD, tags),)
            own = tagging_scores([GOLD], [tags]) | matching_scores([GOLD], [tags])
            scores.append({f"test/{name}": scale * value for name, value in own.items()})
        table = table.drop(columns=[name for name in table if name.startswith("test/")])
        table = pd.concat([table, pd.DataFrame(scores)], axis=1)
        draws = {("imdb", draw): {"c": frozenset({("ann", "per")})} for draw in table["draw"]}
        return table, keeping(kept, items=Items(draws, {"c": {"t": Text(WORDS, 5)}}))

    return made


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_each_kind_of_match_is_a_row_with_means_of_the_arms(study, scale):
    table, inputs = study(scale)
    scores, differences = matching_tables(analyse(table, inputs=inputs))
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in scores.rows}
    of_b = np.array([0.0, *[1.0] * 5])

    def shown(values):
        return f"{100 * values.mean():.1f} ± {100 * values.std(ddof=1):.1f}"

    assert scores.header == ("match", "a", "b")
    assert list(rows) == [
        "strict", *MATCHINGS, "1 token", "3 tokens", "seen in training", "unseen in training",
    ]  # fmt: skip
    assert rows["strict"] == ["50.0 ± 0.0", shown(0.5 * of_b)]
    assert rows["type"] == ["50.0 ± 0.0", shown(of_b)]
    assert rows["partial"] == ["100.0 ± 0.0", shown(0.75 * of_b)]
    assert rows["boundary"] == ["100.0 ± 0.0", shown(0.5 * of_b)]
    assert rows["token"] == ["25.0 ± 0.0", shown(2 / 3 * of_b)]
    assert rows["1 token"] == ["100.0 ± 0.0", shown(2 / 3 * of_b)]
    assert rows["3 tokens"] == ["0.0 ± 0.0", "0.0 ± 0.0"]
    assert rows["seen in training"] == ["100.0 ± 0.0", shown(of_b)]
    by_match = {row[1].text: [cell.text for cell in row[2:]] for row in differences.rows}
    assert "strict" not in by_match
    assert by_match["type"][:4] == ["b", "a", "6", "+33.33"]
    assert by_match["boundary"][:4] == ["b", "a", "6", "−58.33"]
    assert " to " in by_match["type"][4]


def test_they_are_a_section_of_their_own_and_no_main_metrics(study):
    table, inputs = study()
    assert not {f"test/{name}_f1" for name in MATCHINGS} & set(main_metrics(table))
    titles = [section.title for section in contents(analyse(table, inputs=inputs))]
    assert "Matching of spans" in titles
    chosen = analyse(table, metric="partial_f1", inputs=inputs)
    assert chosen.metrics[:2] == ("test/partial_f1", "test/f1")


def test_without_predictions_the_stored_scores_are_shown_and_classes_have_none(study, cells):
    table, _ = study()
    scores, _ = matching_tables(analyse(table))
    assert [row[0].text for row in scores.rows] == ["strict", *MATCHINGS]
    assert matching_tables(analyse(cells())) == []
    assert matching_tables(analyse(cells(task="tagging"))) == []
