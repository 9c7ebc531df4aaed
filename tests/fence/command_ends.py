"""Outputs that take nothing, other locales, processes that end in the middle, what they leave, and models refused."""

import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

from tests.fence.command_input import ARMS, CSV, CommandInput, environment_of

from seedbed.embeddings.hub.saved_model import INDEX_END

ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
IMPORTS = {"PYTHONPROFILEIMPORTTIME": "1"}
ENDLESS = [*CSV, "training.epochs=1000000", "training.patience=null", "training.keep=last", "arms={a: []}"]
CONSOLE, SIGNALS = "cli/test_console.py", "cli/test_signals.py"
HEAD = "# @package _global_\n"
FULL = r"stdout: cannot be written: No space left on device"

PRINTED = {
    "--help": False, "compare --help": False, "show": False, "lint --rules": False, "data list": False,
    "reproduce list": False, "status": True, "status mine --json": True, "report": True, "cache stats": False,
}  # fmt: skip
"""Commands that print to /dev/full; whether they need a study."""


def when_training(number: signal.Signals) -> Callable[["subprocess.Popen[bytes]"], None]:
    """Send a signal when the store has runs of cells or of the study, and the network surely trains."""

    def during(process: "subprocess.Popen[bytes]") -> None:
        until_training(process, Path(os.readlink(f"/proc/{process.pid}/cwd")))
        process.send_signal(number)

    return during


def until_training(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait until TensorFlow was loaded and some seconds more."""
    end = time.monotonic() + 100
    while process.poll() is None and time.monotonic() < end and not trains(folder):
        time.sleep(0.5)
    time.sleep(5)


def trains(folder: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{folder}/mlflow.db?mode=rw", uri=True)) as store:
            return bool(store.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.Error:
        return False


def killed(folder: Path) -> None:
    """Leave what a comparison leaves that is killed while it trains."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seedbed", "compare", *ENDLESS, "name=killed"], cwd=folder, env=environment_of(folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until_training(process, folder)
    process.kill()
    process.wait()


def killed_creation(folder: Path) -> None:
    """Leave the files of a process that was killed while it created a store."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    for name in (f".mlflow.db.{ended.pid}.new", f".mlflow.db.{ended.pid}.new-journal"):
        (folder / name).write_bytes(b"half a store")


def archive(*members: tarfile.TarInfo) -> bytes:
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for member in members:
            tar.addfile(member, BytesIO(bytes(member.size)))
    return stream.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, link, size
    return found


ARCHIVES = {
    "of a path that leads out": (archive(member("../../out.txt", size=3)), "out"),
    "of an absolute path": (archive(member("/tmp/seedbed_out.txt", size=3)), "seedbed_out"),
    "of a link that leads out": (archive(member("a", tarfile.SYMTYPE, "../../.."), member("a/b", size=3)), "link|a"),
    "of a device": (archive(member("null", tarfile.CHRTYPE)), "saved_model"),
    "that is empty": (archive(), "m.tar.gz"),
    "that is cut": (archive(member("saved_model.pb", size=50_000))[:60], "m.tar.gz"),
    "of something else": (archive(member("readme.txt", size=10)), "saved_model"),
}
OPTIONS = (
    '{"lstm": {"use_skip_connections": true, "projection_dim": 4, "cell_clip": 3, "proj_clip": 3, "dim": 8, '
    '"n_layers": 2}, "char_cnn": {"activation": "relu", "filters": [[1, 4]], "n_highway": 1, "embedding": {"dim": 4}, '
    '"n_characters": 262, "max_characters_per_token": 50}}'
)
BILM = "elmo_own embedding.weights=w.hdf5 embedding.options="
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(900)
HUGE = OPTIONS.replace("[1, 4]", f"[1, {10**12}]")
HUB = "elmo_own embedding.source=hub embedding.handle="
ELMO = {
    # settings, files, and what is said
    "options that are missing": (f"{BILM}no.json", {}, "no.json"),
    "options that are no JSON": (f"{BILM}o.json", {"o.json": "{", "w.hdf5": HDF5}, "o.json"),
    "options of another shape": (f"{BILM}o.json", {"o.json": "[]", "w.hdf5": HDF5}, "o.json"),
    "options with 10^12 filters": (f"{BILM}o.json", {"o.json": HUGE, "w.hdf5": HDF5}, "o.json"),
    "weights that are missing": (f"{BILM}good.json", {}, "w.hdf5"),
    "weights that are no HDF5": (f"{BILM}good.json", {"w.hdf5": "x" * 900}, "w.hdf5"),
    "weights without options": ("elmo_own embedding.weights=w.hdf5", {"w.hdf5": "x"}, "options"),
    "a module that is not trusted": (
        f"{HUB}m", {"m/saved_model.pb": b"\x08\x01", "m/variables/variables.index": INDEX_END,
                    "m/variables/variables.data-00000-of-00001": b"x"}, "trust=true"),
    "a module that is damaged": (
        f"{HUB}m", {"m/saved_model.pb": b"\x08\x01", "m/variables/variables.index": b"x",
                    "m/variables/variables.data-00000-of-00001": b"x"}, "variables.index is missing or empty"),
    "a module that is nowhere": (f"{HUB}./nowhere", {}, "nowhere"),
    "a module without its program": (f"{HUB}m", {"m/readme.txt": "x"}, "m"),
}  # fmt: skip


def inputs() -> list[CommandInput]:
    """Return the inputs, in the order of the page."""
    found = [
        CommandInput(
            "output to /dev/full",
            words,
            words,
            says=FULL,
            stdout="/dev/full",
            study=study,
            covered=CONSOLE,
            leaves=("seedbed-out",),
        )
        for words, study in PRINTED.items()
    ]
    found += [
        CommandInput(
            "output",
            "stderr to /dev/full",
            "show nonsense",
            around="sh -c '\"$@\" 2>/dev/full' sh",
            says="",
            covered=CONSOLE,
            may_repeat=True,
        ),
        CommandInput(
            "output", "neither stdout nor stderr", "show", code=0, around="sh -c '\"$@\" >&- 2>&-' sh", covered=CONSOLE
        ),
        CommandInput(
            "output",
            "output=/dev/full of data show",
            "data show csv dataset.files.train=texts.csv --output /dev/full",
            says="/dev/full",
            covered="cli/test_malformed_files.py",
        ),
        CommandInput(
            "output",
            "a disk of 300 kB",
            ["compare", "CSV", ARMS, "tracking.uri=sqlite:///small/mlflow.db"],
            around="unshare -rm sh -c 'mkdir small; mount -t tmpfs -o size=300k none small; \"$@\"' sh",
            says="full|space",
            leaves=("small",),
            covered="tracking/test_opening.py",
        ),
        CommandInput(
            "output",
            "report to a disk of 16 kB",
            ["report", "output=small/report"],
            study=True,
            around="unshare -rm sh -c 'mkdir small; mount -t tmpfs -o size=16k none small; \"$@\"' sh",
            says="full|space",
            leaves=("small",),
            covered="test_files.py",
        ),
        CommandInput(
            "output",
            "a file of at most 100 kB",
            ["compare", "CSV", ARMS],
            around="sh -c 'ulimit -f 100; \"$@\"' sh",
            says="mlflow.db",
            covered="tracking/test_opening.py",
        ),
        CommandInput(
            "working directory",
            "removed",
            "show",
            around="sh -c 'mkdir gone; cd gone; rmdir ../gone; \"$@\"' sh",
            says="the working directory cannot be used",
            covered="cli/test_malformed_files.py",
        ),
        CommandInput(
            "locale",
            "LANG=C, an arm in another alphabet in a file",
            "show --config-dir . experiment=mine",
            code=0,
            files={"experiment/mine.yaml": f"{HEAD}arms: {{größe: [], klein: [encoder=cnn]}}\n"},
            environment=ASCII,
            says=r"gr\\xf6",
            covered=CONSOLE,
        ),
        CommandInput(
            "locale",
            "LANG=C, an arm in another alphabet as a word",
            ["show", "arms={größe: []}"],
            environment=ASCII,
            says="no text in ascii: export PYTHONUTF8=1",
            covered=CONSOLE,
        ),
        CommandInput(
            "locale",
            "LANG=C, an output in another alphabet",
            ["compare", "CSV", "--config-dir", ".", "experiment=mine"],
            environment=ASCII,
            files={"experiment/mine.yaml": f"{HEAD}output: 数据\n"},
            says="no file can have this name in ascii",
            covered=CONSOLE,
        ),
        CommandInput(
            "locale",
            "a word that is no text",
            ["show", os.fsdecode(b"name=caf\xe9")],
            says="is no text in utf-8",
            covered=CONSOLE,
        ),
    ]
    found += [
        CommandInput(
            "signal while training",
            number.name,
            ["compare", *ENDLESS, "name=ended"],
            code=code,
            says=said,
            during=when_training(number),
            around="env --default-signal=HUP,INT,TERM",
            covered=SIGNALS,
        )
        for number, code, said in (
            (signal.SIGINT, 130, "interrupted; finished results are kept"),
            (signal.SIGTERM, 143, "interrupted"),
            (signal.SIGHUP, 129, "interrupted"),
            (signal.SIGKILL, -9, ""),
        )
    ]
    found += [
        CommandInput(
            "left over",
            "a comparison that was killed, status",
            "status killed",
            code=0,
            says="1 cells?: .*(1 missing|1 interrupted)",
            make=killed,
            covered="cli/test_shared_work.py",
        ),
        CommandInput(
            "left over",
            "half a store of a process that was killed, compare",
            ["compare", "CSV", ARMS, "name=mine"],
            code=0,
            says="all 2 cells are in the store",
            make=killed_creation,
            study=True,
            covered="tracking/test_database.py",
        ),
    ]
    found += [
        CommandInput(
            "archive of a hub module",
            name,
            ["compare", "TASK", "embedding=elmo_own", "embedding.source=hub", "embedding.handle=./m.tar.gz"],
            says=said,
            files={"m.tar.gz": content},
            environment=IMPORTS,
            covered="embeddings/hub/test_hub_locate.py",
            clean_cache=True,
        )
        for name, (content, said) in ARCHIVES.items()
    ]
    found += [
        CommandInput(
            "ELMo before TensorFlow starts",
            name,
            ["compare", "TASK", *f"embedding={words}".split()],
            says=said,
            files={"good.json": OPTIONS, **files},
            environment=IMPORTS,
            covered="embeddings/hub/test_trust.py",
        )
        for name, (words, files, said) in ELMO.items()
    ]
    return found
