"""Reading a large export: 100,000 lines of doccano with 300,000 spans, as processes of their own."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
                f"  {number + 1}: read {first[0]:.1f} s ({first[1]:.1f} CPU; goal: under 15), {first[2]:,.0f} MB; from "
                f"the cache {again[0]:.1f} s ({again[1]:.1f} CPU), {again[2]:,.0f} MB; beyond the corpus "
                f"{first[2] - again[2]:,.0f} MB (goal: under 500)"
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


def _load(file: Path, cache: str) -> tuple[float, float, float]:
    environment = os.environ | {"PYTHONPATH": f"{HERE}/src", "SEEDBED_CACHE": cache}
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", CODE, str(file)], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"reading ended with status {status}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
