"""What a worker process is told, what it tells, and the files that its parent reads."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Stream = Literal["log", "events"]
Tell = Callable[[int, Stream, str], None]
"""Takes the number of a worker, which of its files a line belongs to, and the line."""


@dataclass(frozen=True)
class Order:
    """One worker: its ``number`` from 1, and the ``module`` that ``python -m`` runs in ``folder``.

    ``task``: sent to it on standard input, as one line of JSON. ``defaults``: environment variables where they are not
    set; ``environment``: set in any case. ``cores``: to divide among its threads, None for what its place offers.
    """

    number: int
    module: str
    folder: str
    task: Mapping[str, object]
    defaults: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    cores: int | None = None


class WorkerFiles:
    """Logs and events of the workers of a study, in a folder that the parent, and on one machine the workers, write.

    ``N.log``: everything that worker N wrote; ``N.events``: lines of JSON, which are read once and then removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, int] = {}

    def log(self, number: int) -> Path:
        """Return the path of a worker's log."""
        return self.folder / f"{number}.log"

    def tell(self, number: int, stream: Stream, line: str) -> None:
        """Add a line to a file of a worker."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{number}.{stream}").open("a", encoding="utf-8", errors="replace") as file:
            file.write(line + "\n")

    def clear(self) -> None:
        """Remove the files of an earlier run."""
        for path in [*self.folder.glob("[0-9]*.log"), *self.folder.glob("[0-9]*.events")]:
            path.unlink(missing_ok=True)
        self._read.clear()

    def new_events(self) -> Iterator[tuple[int, Mapping[str, Any]]]:  # Any: JSON
        """Yield what each worker told since the last call; a line that is not whole yet is left for the next."""
        for path in sorted(self.folder.glob("[0-9]*.events")):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read[path] = self._read.get(path, 0) + len(line)
                    try:
                        event = json.loads(line)
                    except ValueError:  # a library wrote to standard output
                        continue
                    if isinstance(event, dict):
                        yield int(path.stem), event

    def forget_events(self) -> None:
        """Remove what the workers told; their logs stay."""
        for path in self.folder.glob("[0-9]*.events"):
            path.unlink(missing_ok=True)

    def last_line(self, number: int) -> str:
        """Return the last line of a worker's log; empty where there is none."""
        try:
            lines = self.log(number).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
