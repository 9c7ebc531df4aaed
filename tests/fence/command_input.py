"""One bad input of the command line: what it is, how it is made, what is expected, and how it is run and measured."""

import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRET = "Zq7secret"
"""The password in every address of these inputs."""
TASK = [
    "dataset=csv", "dataset.files.train=texts.csv", "task=classification", "encoder=cnn", "encoder.filters=4",
    "sampling=fewshot", "sampling.validation=10", "sampling.test=20", "sizes=[10]", "training.epochs=1", "lint=off",
    "floor=false",
]  # fmt: skip
CSV = [*TASK, "embedding=random", "embedding.dim=5"]
STAND_FOR = {"CSV": CSV, "TASK": TASK}
ARMS = "arms={a: [], b: [encoder.filters=3]}"
KEPT = ("cache", "texts.csv")
IMPORT_TIME = "import time:"
LIMIT_SECONDS = 120

_spec = importlib.util.spec_from_file_location("fake_server", Path(__file__).parents[1] / "fake_server.py")
assert _spec
assert _spec.loader
fakes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fakes)


@dataclass(frozen=True)
class CommandInput:
    """A command in a folder with ``texts.csv``, and what is expected of it.

    ``words``: of the command; ``CSV`` stands for the settings of a small study, ``TASK`` for those without its
    embedding, ``SERVER`` for the address of a server that answers in the ``way``, see ``tests/fake_server.py``.
    ``says``: a pattern in its last line (exit code 2 or 75), or in what it prints. ``files`` and ``make`` prepare the
    folder, which with ``study`` has a store with a finished study ``mine``. ``during(process)`` is called while the
    command runs. ``around``: words before the command.
    ``leaves``: patterns of what a refused command may leave. ``covered``: the test that holds it.
    """

    group: str
    name: str
    words: str | list[str]
    code: int = 2
    says: str = ""
    covered: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    make: Callable[[Path], object] | None = None
    way: object = None
    study: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    stdout: str = ""
    during: Callable[[subprocess.Popen[bytes]], object] | None = None
    around: str = ""
    leaves: tuple[str, ...] = ()
    may_repeat: bool = False
    clean_cache: bool = False

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


@dataclass(frozen=True)
class Measured:
    """What a command did: exit code, last line, CPU and wall seconds, peak memory in MB, and what is wrong with it."""

    code: int
    line: str
    seconds: float
    wall: float
    memory_mb: int
    faults: tuple[str, ...]


def run(command: CommandInput, trained: Path) -> Measured:
    """Run a command in a new folder, or in a copy of the folder ``trained``; its files are removed afterwards."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name, "place")
        shutil.copytree(trained, folder, ignore=None if command.study else lambda *_: STUDY)
        for path, content in command.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
        if command.make:
            command.make(folder)
        address = ""
        if command.way is not None:
            address = stack.enter_context(fakes.fake_server(command.way)).address(f"me:{SECRET}")
        before = files_of(folder)
        words = shlex.split(command.words) if isinstance(command.words, str) else command.words
        words = [part.replace("SERVER", address) for word in words for part in STAND_FOR.get(word, [word])]
        found = measured(command, folder, words, before)
        return replace(found, line=found.line.replace(str(trained), trained.name))  # from where the store was copied


STUDY = ["mlflow.db", "mlartifacts", "seedbed-out"]
"""What a finished study has in its folder."""


def environment_of(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command: the caches in its folder, and no colour."""
    own = {"SEEDBED_CACHE": str(folder / "cache"), "SEEDBED_STATE": str(folder / "cache" / "state"), "COLUMNS": "200"}
    return {**os.environ, **own, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1", **(more or {})}


def measured(command: CommandInput, folder: Path, words: list[str], before: set[Path]) -> Measured:
    """Run the words in the folder, and compare what happens with what is expected."""
    around = shlex.split(command.around)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            stdout = stack.enter_context(open(command.stdout, "wb")) if command.stdout else out
            process = subprocess.Popen(
                [*around, sys.executable, "-m", "seedbed", *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout,
                stderr=err, env=environment_of(folder, command.environment), start_new_session=True,
            )  # fmt: skip
            watch = threading.Timer(LIMIT_SECONDS, process.kill)
            watch.start()
            if command.during:
                command.during(process)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            watch.cancel()
        wall = time.monotonic() - started
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="backslashreplace"))
    code = process.returncode
    said = [line for line in texts[1].splitlines() if not line.startswith(IMPORT_TIME)]
    own = [line for line in said if line.startswith("seedbed: ")]
    last = own[-1] if own else next((line for line in reversed([*texts[0].splitlines(), *said]) if line.strip()), "")
    faults = []
    if code != command.code:
        faults.append(f"exit code {code}, not {command.code}")
    if not re.search(command.says, last if code in (2, 75) else "\n".join(texts)):
        faults.append(f"does not say {command.says!r}")
    if any("Traceback" in text for text in texts):
        faults.append("a traceback")
    if code in (2, 75) and len(own) != 1 and not command.may_repeat:
        faults.append(f"{len(own)} lines")
    if len(last) > 500:
        faults.append(f"a line of {len(last)} characters")
    new = sorted(str(path) for path in files_of(folder) - before) if code == 2 else []
    if left := [path for path in new if not any(re.match(pattern, path) for pattern in command.leaves)]:
        faults.append(f"leaves {', '.join(left[:3])}")
    written = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    if any(SECRET in text for text in texts) or any(SECRET.encode() in path.read_bytes() for path in written):
        faults.append("shows a password")
    if command.clean_cache and any("hub" in path.relative_to(folder).parts for path in written):
        faults.append("leaves files in the cache")
    if any(path.name.startswith(".mlflow.db") for path in written):
        faults.append("leaves a temporary store")
    if any("tensorflow" in line for line in texts[1].splitlines() if line.startswith(IMPORT_TIME)):
        faults.append("imports TensorFlow")
    last = last.replace(f"{folder}/", "").replace(str(folder), ".").removeprefix("seedbed: ")
    return Measured(code, last, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss >> 10, tuple(faults))


def files_of(folder: Path) -> set[Path]:
    """Return the files and folders below a folder, without its caches."""
    found = {path.relative_to(folder) for path in folder.rglob("*")} if folder.exists() else set()
    return {path for path in found if path.parts[0] not in KEPT}


def make_study(folder: Path, is_trained: bool = True) -> None:
    """Write ``texts.csv``, and train the study ``mine`` of two cells in a folder."""
    folder.mkdir()
    rows = [f"{'good fine' if n % 2 else 'bad poor'} film {n},{('neg', 'pos')[n % 2]}" for n in range(80)]
    (folder / "texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    if is_trained:
        words = [sys.executable, "-m", "seedbed", "compare", *CSV, ARMS, "name=mine"]
        subprocess.run(words, cwd=folder, env=environment_of(folder), check=True, capture_output=True)
        shutil.rmtree(folder / "cache")
