"""What ``seedbed doctor`` says of contextual vectors: their cache, and where the files of each model are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from seedbed.cli.doctor import Finding
from seedbed.errors import InputError


def findings() -> Iterator[Finding]:
    """The cache, and each ELMo of conf/embedding that has files of its own. Downloads and opens nothing."""
    yield _cache()
    for name, model in models().items():
        yield _files(name, model)
        if model.handle:
            yield _module(name, replace(model, source="hub"))


def models() -> dict[str, Any]:
    """The settings of the ELMo configs that name files, by the name of their config."""
    from seedbed.config.build import build
    from seedbed.config.compose import compose, conf_dir
    from seedbed.config.sources import sources

    found = {}
    for name in sorted(file.stem for file in (conf_dir() / "embedding").glob("elmo*.yaml")):
        overrides = [f"embedding={name}"]
        config = compose(overrides)
        model = build(config.embedding, "embedding", sources(config, overrides))
        if model.options or model.weights:
            found[name] = model
    return found


def _cache() -> Finding:
    from seedbed.embeddings.layer_cache.maintenance import stats

    what = "vector cache"
    try:
        found = stats()
    except InputError as error:
        return Finding(what, str(error), "export SEEDBED_CACHE=FOLDER, or remove the folder")
    aside = f", {len(found.set_aside)} damaged and set aside" if found.set_aside else ""
    mend = "seedbed cache clear" if found.set_aside else ""
    if not found.models:
        return Finding(what, f"{found.folder}: empty{aside}", mend)
    sizes = f"{len(found.models)} model{'s' * (len(found.models) != 1)}, {found.bytes / 1e6:,.1f} MB"
    return Finding(what, f"{found.folder}: {sizes} of {found.limit / 1e9:.3g} GB{aside}", mend)


def model_files(model: Any) -> list[Any]:
    """Where the files of an ELMo are, or of its hub module; fetches nothing."""
    from seedbed.data.sources import Status, status

    if model.source == "hub":
        place = _place(model)
        return [Status(model.name_of_model(), "missing" if place is None else "path", str(place or ""))]
    given = [(getattr(model, key), getattr(model, f"{key}_sha256")) for key in ("options", "weights")]
    return [
        status(model.folder, [one.rpartition("/")[2]], sha256=sha256, verify=False) if "://" in one
        else status("", [], path=one, verify=False)
        for one, sha256 in given
    ]  # fmt: skip


def _files(name: str, model: Any) -> Finding:
    from seedbed.cli.data import state

    found = model_files(model)
    missing = [one for one in found if one.where == "missing"]
    mend = ""
    if missing and "://" not in model.options + model.weights:
        mend = f"{missing[0].hint}; install the package anew"
    elif missing:
        where = missing[0].hint.partition(" into ")[2]
        mend = f"the first use downloads them; or put {' and '.join(one.name for one in missing)} into {where}"
    return Finding(f"model {name}", state(found), mend)


def _module(name: str, model: Any) -> Finding:
    from seedbed.data.folders import cache_dir, data_dir

    what, place = f"model {name}, hub", _place(model)
    if place is not None:
        return Finding(what, str(place))
    mend = f"the first use downloads it; or put its archive into {(data_dir() or cache_dir()) / _folder(model)}/"
    return Finding(what, "missing", mend)


def _place(model: Any) -> Any:
    """Where a hub module is, without fetching it; None where it is not here."""
    from seedbed.embeddings.hub.locate import kept

    if not model.handle.startswith(("https://", "http://")):
        return Path(model.handle) if model.handle and Path(model.handle).expanduser().exists() else None
    return kept(model.handle, _folder(model))


def _folder(model: Any) -> str:
    return f"hub/{model.name_of_model().replace('/', '-')}"
