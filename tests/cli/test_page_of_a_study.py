"""What the page of a trained study shows besides scores, and that `seedbed report` draws it again from the store."""

import csv
import re


def sections(page):
    return re.findall(r"<h2 id=\"section-\d+\">([^<]+)</h2>", page)


def test_costs_types_confusion_epochs_and_settings_are_there_and_come_back_from_the_store(there, trained, tmp_path):
    page = (trained.folder / "seedbed-out" / "mine" / "report" / "index.html").read_text("utf-8")
    shown = {"Cost", "Scores by class", "Confusion", "Training curves", "What the arms differ in"}
    assert shown <= set(sections(page))
    (run,) = re.findall(r"^comparison: (\w+)$", trained.said.out, re.MULTILINE)
    said = there("report", f"comparison={run}", f"output={tmp_path}")
    assert said.code == 0, said.err
    again = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert sections(again) == sections(page)
    runs = re.findall(r'<a href="(http://127\.0\.0\.1:5000/[^"]+)" rel="noreferrer">', again)
    assert len(runs) == 8


def test_the_weights_of_every_cell_are_counted(trained):
    with open(trained.folder / "seedbed-out" / "mine" / "results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    trained_weights = {row["arm"]: float(row["trained_weights"]) for row in rows}
    assert trained_weights["cnn"] > trained_weights["pool"] > 0
    assert all(float(row["frozen_weights"]) > 0 for row in rows)
