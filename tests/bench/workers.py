"""Workers of one study: throughput of two against one, and two nodes of Ray of which one is killed."""

import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pandas as pd

from seedbed.launching.resources import thread_settings

GROUPS = 40
WORDS = {"pos": "good fine great warm bright kind", "neg": "bad poor dull cold grey mean"}
OTHER = ["film", "plot", "actor", "scene", "story", "light", "music", "end"]


def workers(rounds: int) -> None:
    """One process against two workers on a study of 40 groups, as whole commands, in turn; then nodes of Ray."""
    print(f"\none process against two workers, a study of {GROUPS} groups, load before: {os.getloadavg()[0]:.1f}")
    ratios = []
    for _ in range(rounds):
        took = []
        for number in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                took.append(run(Path(folder), *study(Path(folder), arms=8, epochs=60), f"workers={number}"))
        ratios.append(took[0] / took[1])
        print(f"  one {took[0]:.1f} s, two {took[1]:.1f} s, ratio {ratios[-1]:.2f} (goal: at least 1.6)")
    ray_nodes()


def ray_nodes() -> None:
    """A study on two nodes of Ray on this machine, of which one is killed in the middle, against one process."""
    from ray.cluster_utils import Cluster

    print("\ntwo nodes of Ray on this machine, one killed in the middle")
    size = {"num_cpus": 1, "object_store_memory": 78_643_200, "include_dashboard": False}
    with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(initialize_head=True, head_node_args=size)
        try:
            lost = cluster.add_node(**{key: value for key, value in size.items() if key != "include_dashboard"})
            words = ["hydra/launcher=ray", f"hydra.launcher.ray.init.address={cluster.address}", "workers=2"]
            process = started(Path(folder), *study(Path(folder), arms=3, epochs=20), *words)
            logs = [Path(folder) / "out" / "workers" / f"{number}.log" for number in (1, 2)]
            while not all(log.exists() and "starting the backend" in log.read_text() for log in logs):
                if process.poll() is not None:
                    raise SystemExit(process.communicate()[1])
                time.sleep(0.2)
            cluster.remove_node(lost, allow_graceful=False)
            killed = time.perf_counter()
            _, err = process.communicate()
        finally:
            cluster.shutdown()
        if process.returncode:
            raise SystemExit(err)
        later = time.perf_counter() - killed
        os.environ |= thread_settings(1)  # as the workers: with other numbers of threads a loss differs by 1e-9
        run(Path(alone), *study(Path(alone), arms=3, epochs=20))
        with closing(connect(Path(folder) / "mlflow.db")) as database:
            counted = "SELECT count(*) FROM tags WHERE key='seedbed.kind' AND value='cell'"
            [trained] = database.execute(counted).fetchone()
        tables = [scores(Path(where) / "out" / "results.csv") for where in (alone, folder)]
        print(f"  ended by itself {later:.1f} s later; {trained} runs of {len(tables[0])} cells; "
              f"scores equal: {tables[0].equals(tables[1])}")  # fmt: skip
        print("  " + "\n  ".join(line for line in err.splitlines() if "worker" in line))


def scores(file: Path) -> pd.DataFrame:
    """The scores of all cells, in order."""
    table = pd.read_csv(file).sort_values(["arm", "n_train", "replicate"]).reset_index(drop=True)
    return table[["cell", "status", *(name for name in table if name.startswith(("test/", "validation/", "train/")))]]


def study(folder: Path, arms: int, epochs: int) -> list[str]:
    """The words of a comparison of arms at five sizes, on texts that are written into the folder."""
    rng = random.Random(0)
    lines = ["review,sentiment"]
    for number in range(1500):
        label = ("neg", "pos")[number % 2]
        own = WORDS[label].split()
        lines.append(
            " ".join(rng.choice(own if rng.random() < 0.5 else OTHER) for _ in range(30)) + f" {number},{label}"
        )
    (folder / "texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    named = ", ".join(f"a{n}: [encoder.filters={16 + n}]" for n in range(arms))
    return [
        "dataset=csv", f"dataset.files.train={folder / 'texts.csv'}", "dataset.reader.text_column=review",
        "dataset.reader.label_column=sentiment", "task=classification", "encoder=cnn", "embedding.dim=50",
        "sampling=fewshot", "sampling.validation=100", "sampling.test=100", f"training.epochs={epochs}",
        "training.patience=null", "sizes=[50,60,70,80,90]", "replicates=5", f"arms={{{named}}}", "floor=false",
        "lint=off", "output=out",
    ]  # fmt: skip


def started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """A comparison that was started."""
    command = [sys.executable, "-W", "ignore", "-m", "seedbed", "compare", *words]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"SEEDBED_CACHE": str(folder / "cache")},
    )  # fmt: skip


def run(folder: Path, *words: str) -> float:
    """Seconds of a whole comparison."""
    begun = time.perf_counter()
    process = started(folder, *words)
    _, err = process.communicate()
    if process.returncode:
        raise SystemExit(err)
    return time.perf_counter() - begun
