"""Stop the database of a comparison in the middle, for a while or for good; nothing may be lost or be there twice.

``python -m tests.fence.outage``: PostgreSQL itself and behind an MLflow server, by one process and by two workers.
For a while: the comparison ends with 0 and has the results of one that nobody disturbed. For good: it trains to its
end, ends with 75 and says what to type; with the database back, ``seedbed sync`` delivers each cell once, and the
same comparison trains nothing more. Exit code 1 where anything is otherwise.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Timer
from urllib.parse import quote

from tests.fence.kills import ROOT, Stored, contents, report, start, stored, write_texts
from tests.fence.network import ClusterThere, cut, join, other_host
from tests.postgres import PASSWORD, cluster, mlflow_server

from seedbed.launching.resources import thread_settings

STUDY = ("sizes=[30,45]", "training.group_size=1", "training.patience=null")
"""Over the settings of `tests.fence.kills`: 24 cells in as many groups."""
PLACES, ENDS, WORKERS = ("direct", "server"), ("a while", "good"), (1, 2)
WAYS = ("stopped", "unreachable")
"""Its connections are closed and refused; or its host is cut off, and nobody says so (root is needed)."""
CELLS = 24
Change = Callable[[], None]
BEFORE = re.compile(r"^\[([5-9]|1\d)/24\]", re.MULTILINE)
"""The line of a study with some groups in the store: then the database is stopped."""
SAID = re.compile("training goes on|seedbed sync|delivered")
"""Lines about the outage, which are printed."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long the database is away")
    parser.add_argument("--epochs", type=int, default=1500, help="so many that training outlasts that")
    parser.add_argument("--way", default="stopped", choices=WAYS)
    parser.add_argument("--places", nargs="*", default=PLACES)
    parser.add_argument("--ends", nargs="*", default=ENDS)
    parser.add_argument("--workers", nargs="*", type=int, default=WORKERS)
    asked = parser.parse_args()
    os.environ |= thread_settings(1)  # with other numbers of threads a loss differs by 1e-9
    words = (*STUDY, f"training.epochs={asked.epochs}")
    failed = runs = 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        root = Path(name)
        root.chmod(0o755)  # the database is another user's
        write_texts(root / "texts.jsonl", random.Random(0))
        began = time.monotonic()
        if ended := finish(start(root / "one", *words))[0]:
            raise SystemExit(f"undisturbed: exit code {ended}")
        one = stored(root / "one")
        print(f"undisturbed: {len(one.scores)} cells, {time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
        if asked.way == "unreachable":
            stack.enter_context(other_host())
            database = stack.enter_context(cluster(root / "cluster", ClusterThere))
            change = (cut, join)
        else:
            database = stack.enter_context(cluster(root / "cluster"))
            change = (database.stop, database.start)
        for place in asked.places:
            for end in asked.ends:
                for n in asked.workers:
                    runs += 1
                    folder = root / f"{place}-{runs}"
                    folder.mkdir()
                    seconds = asked.seconds if end == "a while" else None
                    own = (*words, f"workers={n}", f"tracking.experiment={folder.name}")
                    failed += disturbed(folder, database.address, change, place, seconds, own, one)
    print(f"{runs} runs, {failed} with faults")
    return int(failed > 0)


def disturbed(
    folder: Path, address: str, change: tuple[Change, Change], place: str, seconds: float | None,
    words: tuple[str, ...], one: Stored,
) -> int:  # fmt: skip
    """Take the database away in the middle, for some seconds or until the study has ended; whether anything is wrong.

    ``change``: takes it away, and brings it back.
    """
    faults: list[str] = []
    with ExitStack() as stack:
        keys = [f"tracking.uri={address}", f"tracking.artifacts={folder / 'files'}"]
        if place == "server":
            keys = [f"tracking.uri={stack.enter_context(mlflow_server(address, folder))}"]
        began = time.monotonic()
        process, said = start(folder, *words, *keys)
        wait_for(lambda: process.poll() is not None or BEFORE.search(said.read_text(encoding="utf-8")))
        change[0]()
        away = time.monotonic()
        back = Timer(seconds or 0, change[1])
        if seconds:
            back.start()
        code, text = finish((process, said))
        lines = [f"stopped after {away - began:.0f} s, ended {time.monotonic() - away:.0f} s later"]
        if seconds:
            back.join()
        else:
            faults += [] if code == 75 else [f"exit code {code}, not 75: {text[-300:]}"]
            change[1]()
            experiment = next(word for word in words if word.startswith("tracking.experiment="))
            synced = sync(folder, keys[0], experiment)
            text += synced
            code, again = finish(start(folder, *words, *keys))
            whole = f"nothing is missing: all {CELLS} cells are in the store" in again
            faults += [] if whole else [f"the same comparison: {again[-300:]}"]
        faults += [] if code == 0 else [f"exit code {code}: {text[-300:]}"]
        faults += ["a password was printed"] if PASSWORD in text or quote(PASSWORD, safe="") in text else []
        lines += [line[:400] for line in text.splitlines() if SAID.search(line)]
        print("   " + "\n   ".join(line.replace(str(folder), "FOLDER") for line in lines), flush=True)
        import psycopg

        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            found = contents_of(connection, folder.name)
    faults += [f"{path.name} is left" for path in (folder / "state").rglob("*.spool")]
    title = f"{place}, {words[-2]}, away for {f'{seconds:.0f} s' if seconds else 'good'}"
    return report(title, folder, one, faults, 0, found)


def contents_of(connection: object, experiment: str) -> Stored:
    """What an experiment of the database has."""
    connection.execute(
        "CREATE TEMP VIEW runs AS SELECT * FROM public.runs WHERE experiment_id IN "
        f"(SELECT experiment_id FROM public.experiments WHERE name = '{experiment}')"
    )
    return contents(connection)


def sync(folder: Path, *words: str) -> str:
    """What ``seedbed sync`` says."""
    environment = os.environ | {
        "SEEDBED_STATE": str(folder / "state"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "seedbed", "sync", *words], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return f"{done.stdout}{done.stderr}" + (f"sync: exit code {done.returncode}\n" if done.returncode else "")


def finish(started: tuple["subprocess.Popen[bytes]", Path]) -> tuple[int, str]:
    """Wait for a comparison; its exit code, and what it said."""
    process, said = started
    try:
        code = process.wait(1200)
    finally:
        process.kill()
    return code, said.read_text(encoding="utf-8")


def wait_for(done: Callable[[], object]) -> None:
    """Wait until something holds."""
    while not done():
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
