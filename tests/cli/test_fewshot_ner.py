"""Few-shot NER on the command line: nearest-neighbor tagging to a shipped model, and episodes."""

import csv
import json
import random
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KINDS = {"per": ["ann", "bob", "eve"], "loc": ["rome", "oslo", "lima"], "org": ["ibm", "nato", "bbc"]}


@pytest.fixture
def base(tmp_path):
    """Sentences whose vectors tell the type of an entity; the first words of names are alike."""
    rng = random.Random(2)
    words = {name: kind for kind, names in KINDS.items() for name in names}
    others = ["saw", "the", "in", "went", "to"]
    for split, size in (("train", 90), ("test", 50)):
        rows = []
        for _ in range(size):
            tokens = [rng.choice(others) if rng.random() < 0.7 else rng.choice(list(words)) for _ in range(6)]
            rows.append("".join(f"{w} {'B-' + words[w] if w in words else 'O'}\n" for w in ["the", *tokens]))
        (tmp_path / f"{split}.conll").write_text("\n".join(rows), encoding="utf-8")
    places = {"per": (9, 0), "loc": (0, 9), "org": (9, 9), "": (0, 0)}
    lines = [
        f"{word} {places[kind][0] + rng.random():.3f} {places[kind][1] + rng.random():.3f}"
        for word, kind in [*words.items(), *((other, "") for other in others)]
    ]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        "dataset=conll", f"dataset.files.train={tmp_path / 'train.conll'}",
        f"dataset.files.test={tmp_path / 'test.conll'}", "task=tagging", "embedding=glove",
        f"embedding.path={tmp_path / 'vectors.txt'}", "embedding.dim=2", "lint=off",
    ]  # fmt: skip


def results():
    return list(csv.DictReader(Path("seedbed-out/mine/results.csv").read_text(encoding="utf-8").splitlines()))


def test_nearest_neighbor_tagging_is_compared_shipped_and_predicts(seedbed, base):
    said = seedbed(
        "compare", *base, "name=mine", "sampling=fewshot", "sampling.strategy=k_per_type_greedy",
        "sampling.validation=20", "sizes=[2]", "replicates=2",
        "arms={nnshot: [encoder=nn_tagger, encoder.transitions=false], structshot: [encoder=nn_tagger]}",
    )  # fmt: skip
    assert said.code == 0, said.err
    rows = results()
    assert all(float(row["test/f1"]) > 0.9 for row in rows if row["arm"] == "nnshot")
    assert {row["nn_tagger/temperature"] for row in rows if row["arm"] == "structshot"} <= {"0.1", "0.3", "1.0", "3.0"}
    for arm in ("nnshot", "structshot"):
        said = seedbed("ship", f"arm={arm}", f"output={arm}")
        assert said.code == 0, said.err
        said = seedbed("predict", f"model={arm}", "text=bob went to rome")
        assert said.code == 0, said.err
        (line,) = map(json.loads, said.lines)
        assert [(one["type"], one["text"]) for one in line["entities"]] == [("per", "bob"), ("loc", "rome")]


def test_episodes_are_compared_on_their_own_types_and_are_no_model(seedbed, base):
    said = seedbed(
        "compare", *base, "name=mine", "sampling=episodes", "sampling.ways=2", "sampling.queries=3", "sizes=[1,2]",
        "replicates=4", "arms={neighbors: [encoder=nn_tagger, 'encoder.temperature=[1]'], probe: [encoder=probe]}",
    )  # fmt: skip
    assert said.code == 0, said.err
    drawn = json.loads(Path("seedbed-out/mine/draws.json").read_bytes())["draws"]
    assert len({tuple(one["types"]) for one in drawn}) > 1
    types = {one["digest"]: one["types"] for one in drawn}
    for row in results():
        assert row["status"] == "finished"
        support = {kind: float(row[f"test/support/{kind}"] or 0) for kind in KINDS if row[f"test/support/{kind}"]}
        assert {kind for kind, number in support.items() if number} == set(types[row["draw"]])
        assert all(3 <= number <= 6 for number in support.values() if number)
    assert "k to 2 k mentions" in Path("seedbed-out/mine/report/report.md").read_text(encoding="utf-8")
    for arm in ("neighbors", "most_frequent_tag"):
        said = seedbed("ship", f"arm={arm}", "output=made")
        assert said.code == 2
        assert said.err.strip().endswith(
            "compare the arms with sampling.strategy=k_per_type, and ship the winner of that"
        )
    assert not Path("made").exists()
