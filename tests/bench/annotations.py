"""Reading a large export: 100,000 lines of doccano with 300,000 spans, as processes of their own."""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.bench.processes import Cost, measured

HERE = Path(__file__).parents[2]
LINES, SPANS = 100_000, 3
CODE = (
    "import sys; from seedbed.data.annotations.doccano import Doccano; from seedbed.data.dataset import Dataset;"
    "corpus = Dataset(task='auto', path=sys.argv[1], tokenizer='reviews', reader=Doccano(),"
    "held_out={'test': 0.2}).load(); print(len(corpus.by_id), corpus.counts)"
)


def annotations(rounds: int) -> None:
    """Seconds and memory of the first reading, and of the corpus alone, from the cache."""
    print(f"\n{LINES:,} lines of doccano with {LINES * SPANS:,} spans; wall (CPU) seconds, peak MB of the process")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "export.jsonl")
        _export(file)
        for number in range(rounds):
            cache = f"{folder}/cache{number}"
            first, again = _load(file, cache), _load(file, cache)
            print(
                f"  {number + 1}: read {first.wall:.1f} s ({first.cpu:.1f} CPU; goal: under 15), {first.mb:,.0f} MB; "
                f"from the cache {again.wall:.1f} s ({again.cpu:.1f} CPU), {again.mb:,.0f} MB; beyond the corpus "
                f"{first.mb - again.mb:,.0f} MB (goal: under 500)"
            )


def _export(file: Path) -> None:
    rng = random.Random(0)
    words = [f"{rng.choice('aeiou')}{rng.choice('bdgklmnprst')}{n}" for n in range(20_000)]
    with file.open("w", encoding="utf-8") as stream:
        for number in range(LINES):
            text = " ".join(rng.choices(words, k=20)) + (" 💩" if number % 10 == 0 else ".")
            starts = [0, *(n + 1 for n, sign in enumerate(text) if sign == " ")]
            spans = [
                [starts[n], text.find(" ", starts[n]), rng.choice(["PER", "LOC", "ORG"])]
                for n in sorted(rng.sample(range(19), SPANS))
            ]
            stream.write(json.dumps({"id": number, "text": text, "label": spans, "Comments": []}) + "\n")


def _load(file: Path, cache: str) -> Cost:
    environment = os.environ | {"PYTHONPATH": f"{HERE}/src", "SEEDBED_CACHE": cache}
    return measured([sys.executable, "-c", CODE, str(file)], file.parent, environment)
