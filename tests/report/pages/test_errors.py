"""The error viewer: which items it has, that all text is text, and that it is there only where something was kept."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest

from seedbed.cells import Prediction
from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.item_texts import Items, Text
from seedbed.report.errors import tracked_examples
from seedbed.report.pages import errors as error_page
from seedbed.report.pages.errors import render_errors
from seedbed.report.pages.html import page_assets
from seedbed.report.pages.write import write_report
from seedbed.report.report import report_of

EVIL = ("<script>alert(1)</script>", '"><img', "onerror='x'>", "javascript:alert(2)", "\u202etxet", "&amp;")
GOLD = ("B-per", "O", "B-<i>loc</i>", "O", "O", "O")
NONE = ("O",) * 6


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def tagging(cells, keeping, replicates=5, watch=(), texts=True, **fields):
    """Arm good is right about t/1 in all replicates but the first, arm bad about t/2 alone in all."""
    table = cells(arms=("bad", "good"), sizes=(50,), replicates=replicates, task="tagging", **fields)
    table = table.assign(run=lambda table: table["cell"])
    labels = np.array(["O", "B-<i>loc</i>", "B-per"])
    predictions, files = {}, {}
    for row in table.itertuples():
        good = row.arm == "good"
        predictions[row.run] = (
            Prediction("t/1", GOLD, GOLD if good and row.replicate else NONE),
            Prediction("t/2", GOLD, NONE if good else GOLD),
            Prediction("t/3", GOLD, GOLD),
        )
        values = np.full((18, 3), 10 * row.replicate, np.uint8)
        values[0, 2] = 200 if good else 50
        own = {"ids": np.array(["t/1", "t/2", "t/3"]), "lengths": np.array([6] * 3), "labels": labels}
        files[row.run, "probabilities.npz"] = npz(values=values, **own)
        if row.arm in watch:
            files[row.run, "epochs.npz"] = npz(values=np.stack([values * 0, values]), **own)
    mentions = frozenset({(EVIL[0], "per")})
    items = Items({("imdb", draw): {"c": mentions if draw.endswith("0") else frozenset()} for draw in table["draw"]},
                  {"c": {f"t/{n}": Text(EVIL, 6) for n in (1, 2, 3)}})  # fmt: skip
    return analyse(table, inputs=keeping(predictions, files, items=items if texts else None))


def classes(cells, keeping, probabilities=True):
    table = cells(arms=("bad", "good"), sizes=(50,), replicates=3).assign(run=lambda table: table["cell"])
    predictions = {
        row.run: (
            Prediction("t/1", "pos", "pos" if row.arm == "good" else "neg",
                       ((0.2, 0.8) if row.arm == "good" else (0.9, 0.1)) if probabilities else None),
        )
        for row in table.itertuples()
    }  # fmt: skip
    words = tuple(f"word{n}" for n in range(90))
    items = Items({("imdb", draw): {"c": None} for draw in table["draw"]}, {"c": {"t/1": Text(words, 500)}})
    return analyse(table, inputs=keeping(predictions, items=items))


def words_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main>")[2].partition("<script>")[0]))


def test_items_that_only_one_arm_gets_right_in_most_replicates_are_listed(cells, keeping):
    page = words_of(render_errors(tagging(cells, keeping), title="A study"))
    assert "Five shared replicates, 3 test items." in page
    assert "One item that in most replicates only good gets right, one item that only bad does." in page
    first, second = page.index("only good right in 4 of 5 replicates t/1"), page.index("only bad right in 5 of 5")
    assert page.index("good right, bad wrong: 1 item") < first < page.index("bad right, good wrong: 1 item") < second
    assert "t/3" not in page


def test_each_arms_most_common_answer_has_its_count(cells, keeping):
    page = words_of(render_errors(tagging(cells, keeping), title="A study"))
    there = page[page.index("t/1") : page.index("t/2")]
    assert "good: 4 of 5 right" in there
    assert "bad: 5 of 5 wrong" in there


def test_each_gold_entity_has_the_arms_that_find_it_and_the_draws_that_have_it(cells, keeping):
    html = render_errors(tagging(cells, keeping), title="A study")
    rows = re.findall(r"<tr><td>(.*?)</td><td><mark.*?<b>(.*?)</b>.*?<td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>", html)
    assert rows[0] == ("&lt;script&gt;alert(1)&lt;/script&gt;", "per", "4 of 5", "0 of 5", "1 of 5")
    assert rows[1][1:] == ("&lt;i&gt;loc&lt;/i&gt;", "4 of 5", "0 of 5", "0 of 5")


def test_strips_show_the_mean_over_replicates(cells, keeping):
    html = render_errors(tagging(cells, keeping), title="A study")
    strip = html[html.index("good, mean of five replicates") :]
    (cell,) = re.findall(r"<th scope=\"row\">B-per</th><td class=\"(.*?)\">(\d+)", strip.partition("</table>")[0])
    assert cell == ("h8 g", "78")  # 200 / 255, the right tag
    other = html[html.index("bad, mean of five replicates") :].partition("</table>")[0]
    assert re.findall(r"<th scope=\"row\">B-per</th><td class=\"(.*?)\">(\d+)", other) == [("h2 g", "20")]
    assert re.findall(r"<th scope=\"row\">O</th><td class=\"(.*?)\">(\d+)", other) == [("h1", "8")]  # mean of 0 to 40


def test_all_text_from_data_is_shown_as_text(cells, keeping):
    html = render_errors(tagging(cells, keeping, watch=("bad", "good")), title="<script>title</script>")
    assert html.count("<script>") == 1
    assert "&lt;script&gt;title" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<img" not in html
    assert "<i>" not in html
    assert "\u202e" not in html
    assert not re.search(r"(href|src)=\"(?!#|index.html|data:,)", html)


def test_the_page_is_offline_and_runs_its_own_script_only(cells, keeping):
    html = render_errors(tagging(cells, keeping, watch=("good",)), title="A study")
    assert "http://" not in html
    assert "https://" not in html
    assert re.search(r"default-src 'none'.*script-src 'sha256-[\w+/=]+'", html)
    assert not re.search(r"\son\w+=", re.sub(r">[^<]*<", "><", html))


def test_headings_and_links_of_the_page_are_complete(cells, keeping):
    html = render_errors(tagging(cells, keeping, watch=("good",)), title="A study")
    names = re.findall(r"\sid=\"([^\"]+)\"", html)
    assert len(names) == len(set(names))
    assert set(re.findall(r"href=\"#([^\"]+)\"", html)) <= set(names)
    assert set(re.findall(r"aria-labelledby=\"([^\"]+)\"", html)) <= set(names)


def test_classes_are_shown_with_their_text_and_mean_probabilities(cells, keeping):
    page = words_of(render_errors(classes(cells, keeping), title="A study"))
    assert "only good right in 3 of 3 replicates t/1 word0" in page
    assert "word89" in page
    assert "The first 90 of 500 tokens." in page
    assert "good: 3 of 3 right pos bad: 3 of 3 wrong neg" in page
    assert "mean of three replicates good bad gold pos pos neg 20 90 pos 80 10" in page


def test_without_probabilities_there_are_no_strips(cells, keeping):
    assert "<caption>" not in render_errors(classes(cells, keeping, probabilities=False), title="A study")


def test_without_texts_entities_are_named_by_token_position(cells, keeping):
    page = words_of(render_errors(tagging(cells, keeping, texts=False), title="A study"))
    assert "The text is not stored." in page
    assert "tokens 1 to 1 per" in page
    assert "Seen and unseen" not in page


def test_tracked_examples_are_of_the_first_replicate_of_each_arm_that_has_them(cells, keeping):
    html = render_errors(tagging(cells, keeping, watch=("good",)), title="A study")
    own = html[html.index('id="tracked"') :]
    assert "good, replicate 0, two epochs" in own
    assert "bad, replicate" not in own
    steps = re.findall(r'data-epochs="2" data-steps="([\w-]+)"', own)
    assert [len(one) for one in steps] == [2 * 2 * 6 * 3] * 3
    assert 'type="range" min="1" max="2"' in own


def test_a_single_arm_with_tracked_examples_has_a_page(cells, keeping):
    analysis = tagging(cells, keeping, watch=("good",))
    n_only_correct = analyse(analysis.input_table[analysis.input_table["arm"] == "good"], inputs=analysis.inputs)
    page = render_errors(n_only_correct, title="A study")
    assert "Probabilities by epoch" in page
    assert 'id="choice"' not in page


def test_tracked_examples_beyond_the_limit_are_counted(cells, keeping, monkeypatch):
    monkeypatch.setattr(tracked_examples, "MOST_CHARACTERS", 2_500)
    page = render_errors(tagging(cells, keeping, watch=("good",)), title="A study")
    assert "2 more were recorded, but do not fit on this page." in page


def test_tracked_examples_stay_within_their_share_of_the_page(cells, keeping, monkeypatch):
    for most in (0, 2_500, 5_000, 7_500):
        monkeypatch.setattr(tracked_examples, "MOST_CHARACTERS", most)
        html = render_errors(tagging(cells, keeping, watch=("good", "bad"), replicates=2), title="A study")
        tables = re.findall(r'<table class="strip" data-epochs.*?</table>', html, re.DOTALL)
        assert sum(map(len, tables)) <= most
    assert tables


def test_probabilities_are_read_once_per_run(cells, keeping, monkeypatch):
    analysis = tagging(cells, keeping)
    asked, read = [], analysis.inputs.artifacts.read
    artifacts = analysis.inputs.artifacts
    monkeypatch.setattr(artifacts, "read", lambda run, name: asked.append((run, name)) or read(run, name))
    monkeypatch.setattr(error_page, "LARGEST", 100)
    render_errors(analysis, title="A study")
    finals = [run for run, name in asked if name == "probabilities.npz"]
    assert sorted(finals) == sorted(set(finals))
    assert finals


def test_draws_whose_texts_differ_between_arms_have_a_note(cells, keeping):
    analysis = tagging(cells, keeping)
    items = analysis.inputs.items
    lower = {name: Text(tuple(map(str.lower, text.tokens)), text.length) for name, text in items.texts["c"].items()}
    key = next(iter(items.draws))
    draws = {**items.draws, key: {"c": frozenset(), "e": frozenset()}}
    inputs = replace(
        analysis.inputs, items=Items(draws, {"c": items.texts["c"], "e": lower | {"t/1": Text(("x",), 1)}})
    )
    page = words_of(render_errors(analyse(analysis.input_table, inputs=inputs), title="A study"))
    assert "One draw whose texts differ between arms: only what they have in common is shown." in page
    assert "differ between arms" not in render_errors(analysis, title="A study")


def test_arms_beyond_the_palette_have_another_shape(cells, keeping):
    html = render_errors(tagging(cells, keeping, watch=("good",)), title="A study")
    assert "border-radius: 0" not in html
    analysis = analyse(cells(arms=tuple("abcdefghi"), sizes=(50,)))
    looks = page_assets(analysis.arms, [], [])
    assert (len(looks["colors"]), looks["n_colors"]) == (9, 7)


def test_a_page_that_is_too_large_shows_fewer_items(cells, keeping, monkeypatch):
    analysis = tagging(cells, keeping)
    whole = render_errors(analysis, title="A study")
    monkeypatch.setattr(error_page, "LARGEST", len(whole.encode()) - 1)
    smaller = render_errors(analysis, title="A study")
    assert len(smaller) < len(whole)
    assert "only good right" in smaller
    assert "<caption>" not in smaller.partition('id="seen"')[0]


def test_without_predictions_there_is_no_page_and_no_link(cells, keeping, tmp_path):
    index = write_report(tagging(cells, keeping), tmp_path, title="A study")
    there = index.parent / "errors.html"
    assert "only good right" in there.read_text("utf-8")
    assert index.read_text("utf-8").count('href="errors.html"') == 2
    for inputs in (None, keeping({})):
        write_report(analyse(cells(), inputs=inputs), tmp_path, title="A study")
        assert not there.exists()
        assert "errors.html" not in index.read_text("utf-8")


def test_damaged_files_have_a_note_and_the_rest_is_shown(cells, keeping):
    analysis = tagging(cells, keeping, watch=("good",))
    predictions = analysis.inputs.artifacts
    predictions.by_run["good-50-2"] = InputError("predictions.jsonl of run x: cut")
    predictions.files["good-50-3", "probabilities.npz"] = b"PK"
    predictions.files["good-50-0", "epochs.npz"] = b""
    page = words_of(render_errors(analyse(analysis.input_table, inputs=analysis.inputs), title="A study"))
    assert "Predictions of one cell cannot be read: predictions.jsonl of run x: cut" in page
    assert "Probabilities.npz of run good-50-3: cannot be read: File is not a zip file" in page
    assert "Epochs.npz of run good-50-0: cannot be read: File is not a zip file" in page
    assert "only good right in 3 of 4 replicates" in page
    assert "good, mean of four replicates" in page  # its probabilities in four: 0, 1, 2 and 4
    assert "good, replicate 1, two epochs" in page


@pytest.mark.parametrize("dataset", ["tweets", "<b>"])
def test_arms_on_other_data_share_no_items(cells, keeping, dataset):
    analysis = tagging(cells, keeping)
    table = analysis.input_table.copy()
    table.loc[table["arm"] == "good", "dataset"] = dataset
    result = report_of(table, inputs=analysis.inputs)
    assert len(result.studies) == 2
    assert [render_errors(one, title="A study") for one in result.studies.values()] == [None, None]
