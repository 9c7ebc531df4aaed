"""Fuzzing of every reader for a given time: ``python -m tests.fence.fuzz --seconds 600``, or ``make fuzz``.

Each reader gets its share of the time in a process of its own, with 2 GB of memory: under atheris, which finds
new paths through seedbed's code by their coverage, and without it with random damage. What raises anything but an
InputError of one line, takes over 20 s or ends the process is written to a folder, once a place, and counted.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.fence.mutations import mutated

MEMORY_MB, SECONDS = 2048, 20


def main() -> int:
    """Fuzz each reader in turn; return 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fence.fuzz")
    parser.add_argument("--seconds", type=float, default=600, help="of all readers together")
    parser.add_argument("--found", default="fuzz-found", help="the folder of what was found")
    parser.add_argument("--reader", action="append", help="only these")
    parser.add_argument("--seed", type=int, default=1)
    options, child = parser.parse_known_args()
    if child:
        return _fuzz(*child)
    from tests.fence.valid import READERS

    names = options.reader or list(READERS)
    found = Path(options.found).resolve()
    before = set(found.rglob("*"))
    for number, name in enumerate(names, 1):
        share = options.seconds / len(names)
        print(f"{number}/{len(names)} {name}: {_in_child(name, share, options.seed, found)}", flush=True)
    new = sorted(set(found.rglob("*")) - before)
    print(f"{len(new)} found{'' if not new else ': ' + ', '.join(path.name for path in new)}")
    return bool(new)


def _in_child(name: str, seconds: float, seed: int, found: Path) -> str:
    """Fuzz a reader until its time is over, again where the process ends before; return what was done."""
    started, runs, ended = time.monotonic(), 0, 0
    while (left := seconds - (time.monotonic() - started)) > 1 and ended < 5:
        with tempfile.TemporaryDirectory() as folder:
            words = [
                sys.executable,
                "-m",
                "tests.fence.fuzz",
                f"--reader={name}",
                "--",
                name,
                f"{left:.0f}",
                str(seed + ended),
            ]
            process = subprocess.run([*words, folder, str(found)], capture_output=True, text=True, check=False)
            counts = [line for line in process.stdout.splitlines() if line.startswith("runs: ")]
            runs += int(counts[-1].split()[1]) if counts else 0
            if process.returncode:
                ended += 1
                last = Path(folder, "input")
                if last.exists():
                    _keep(
                        found, f"{name}-ended-{process.returncode}-{ended}", last.read_bytes(), process.stderr[-4000:]
                    )
    return f"{runs:,} inputs" + f", ended {ended} times" * bool(ended)


def _fuzz(_: str, name: str, seconds: str, seed: str, folder: str, found: str) -> int:
    """Fuzz one reader in this process."""
    os.environ["SEEDBED_CACHE"] = str(Path(folder, "cache"))
    try:
        import atheris
    except ImportError:
        atheris = None
    if atheris:
        with atheris.instrument_imports(include=["seedbed"], enable_loader_override=False):
            _import_seedbed()
    from tests.fence.outcome import READERS, outcome

    reader, last, runs, seen = READERS[name], Path(folder, "input"), [0], set()
    valid = reader.valid[reader.file]

    def run(content: bytes) -> None:
        last.write_bytes(content)  # should the process end here
        runs[0] += 1
        if runs[0] % 20 == 0:
            print(f"runs: {runs[0]}", flush=True)
        started = time.monotonic()
        try:
            outcome(reader, content)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "seedbed" in frame.filename]
            where = f"{Path(frames[-1].filename).stem}-{frames[-1].lineno}" if frames else "outside"
            signature = f"{type(error).__name__}-{where}"
            if signature not in seen:
                seen.add(signature)
                _keep(Path(found), f"{name}-{signature}", content, traceback.format_exc())
        if time.monotonic() - started > SECONDS:
            _keep(Path(found), f"{name}-slow", content, f"{time.monotonic() - started:.0f} s")

    if atheris is None:
        return _at_random(run, valid, float(seconds), int(seed))
    corpus = Path(folder, "corpus")
    corpus.mkdir()
    (corpus / "valid").write_bytes(valid)
    for number in range(20):
        (corpus / str(number)).write_bytes(mutated(valid, number))

    def mutate(data: bytes, most: int, mutator_seed: int) -> bytes:
        if mutator_seed % 2:
            return bytes(atheris.Mutate(data, most))
        return mutated(data or valid, mutator_seed)[:most]

    limits = [f"-max_total_time={seconds}", f"-seed={seed}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={SECONDS}"]
    quiet = ["-verbosity=0", f"-max_len={4 * len(valid) + 4096}", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *limits, *quiet, str(corpus)], run, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


def _at_random(run, valid: bytes, seconds: float, seed: int) -> int:
    rng, end = random.Random(seed), time.monotonic() + seconds
    while time.monotonic() < end:
        run(mutated(valid, rng.randrange(1 << 62)))
    return 0


def _import_seedbed() -> None:
    """Import what reads files, so that its branches are counted."""
    import importlib

    for module in (
        "readable", "limits", "arrays", "zip_files", "data.csv_readers", "data.readers", "data.archives",
        "data.parquet_files", "embeddings.vector_files", "embeddings.vectors_by_id", "embeddings.fasttext_model",
        "embeddings.bilm.weights", "embeddings.bilm.token_table", "embeddings.elmo", "embeddings.pieces.matrix_file",
        "embeddings.transformers.weights", "config.yaml_files", "report.analysis.results_table", "senses.passages",
        "report.analysis.item_texts", "report.analysis.probabilities", "comparison.record",
    ):  # fmt: skip
        importlib.import_module(f"seedbed.{module}")


def _keep(found: Path, name: str, content: bytes, text: str) -> None:
    found.mkdir(parents=True, exist_ok=True)
    name = name.replace(" ", "_").replace("/", "_").replace(",", "")
    (found / name).write_bytes(content)
    (found / f"{name}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
