"""The folder of a model in the Hugging Face layout: a path, in an installed package, or from the hub."""

import json
from collections.abc import Mapping
from pathlib import Path

from seedbed.data.download import check_recorded, record
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import INSIDE, Status, cache_dir, data_dir, in_package, packaged
from seedbed.errors import InputError, one_line
from seedbed.readable import exists

CONFIG, WEIGHTS, TOKENIZER = FILES = ("config.json", "model.safetensors", "tokenizer.json")
POOLING, MODULES, LOWER = "1_Pooling/config.json", "modules.json", "sentence_bert_config.json"
"""Files of sentence-transformers: how a text gets its vector."""

REVISION = "revision.json"
"""Written beside a model of the hub: its name, and the commit that was downloaded."""

CONVERT = "from transformers import {0}; {0}.from_pretrained('{1}').save_pretrained('{1}')"
"""A program that writes files in today's format; it needs transformers (and PyTorch for weights)."""


def find_folder(path: str, package: str, hub: str, revision: str) -> Path | None:
    """Return the folder of a model if it is on this machine; raises InputError where ``path`` does not exist."""
    if path:
        folder = in_package(path) if path.startswith(INSIDE) else Path(path).expanduser()
        if not exists(folder):
            raise InputError(f"{path}: there is no such folder")
        if not folder.is_dir():
            raise InputError(f"{path}: is no folder; name the folder of {', '.join(FILES)}")
        return folder
    if package:
        config = packaged(f"{package}/{CONFIG}")
        return None if config is None else config.parent
    folders = [root / hub_folder(hub, revision) for root in (data_dir(), cache_dir()) if hub and root is not None]
    return next((folder for folder in folders if exists(folder / WEIGHTS)), None)


def locate_folder(path: str, package: str, hub: str, revision: str) -> Path:
    """Return the folder of a model, downloaded from the hub if need be; raises InputError."""
    if not (path or package or hub):
        raise InputError("embedding.path is empty: name the folder of a model, or set embedding.package or .hub")
    folder = find_folder(path, package, hub, revision)
    if folder is None and not hub:
        raise InputError(f"{package.partition(':')[2]}: not found; {install_hint(package)}")
    return _download(hub, revision) if folder is None else folder


def folder_status(path: str, package: str, hub: str, revision: str) -> list[Status]:
    """Return the status of the three files of a model, without fetching them; none where no model is named."""
    if not (path or package or hub):
        return []
    hint = install_hint(package) if package else "set embedding.path"
    if hub and not package:
        hint = f"the first use downloads it; or put its files into $SEEDBED_DATA/{hub_folder(hub, revision)}/"
    try:
        folder = find_folder(path, package, hub, revision)
    except InputError as error:
        folder, hint = None, str(error)
    where = "path" if path else "package" if package else "cache"
    return [
        Status(name, where, str(folder / name), (folder / name).stat().st_size)
        if folder is not None and exists(folder / name)
        else Status(name, "missing", hint=hint)
        for name in FILES
    ]


def install_hint(package: str) -> str:
    """Return the command that installs a package."""
    return f"pip install {package.partition(':')[0]}"


def hub_folder(hub: str, revision: str) -> str:
    """Return the folder of a model of the hub, in ``$SEEDBED_DATA`` and in the cache."""
    return f"transformers/{hub.replace('/', '--')}@{revision}"


def model_files(folder: Path, sha256: Mapping[str, str]) -> dict[str, Path]:
    """Return the three files of a model by name; raises InputError for a folder that lacks one, or has another.

    ``sha256``: the expected one, by name.
    """
    if not exists(folder / CONFIG):
        raise InputError(f"{folder}: has no {CONFIG}: not a model in the Hugging Face layout")
    if not exists(folder / WEIGHTS):
        raise InputError(f"{folder}: {_without_weights(folder)}")
    if not exists(folder / TOKENIZER):
        command = f'python -c "{CONVERT.format("AutoTokenizer", folder)}"'
        raise InputError(f"{folder}: has no {TOKENIZER}; {command} writes it")
    for name, expected in sha256.items():
        if file_sha256(folder / name) != expected:
            raise InputError(f"{folder / name}: not the file of embedding.sha256.{name}={expected}")
    if exists(folder / REVISION):
        for name in FILES:
            check_recorded(folder / name)
    return {name: folder / name for name in FILES}


def _without_weights(folder: Path) -> str:
    command = f'python -c "{CONVERT.format("AutoModel", folder)}"'
    if exists(folder / "pytorch_model.bin"):
        return (
            f"has pytorch_model.bin and no {WEIGHTS}: it is pickled, and a program could be in it; where you trust it, "
            f"{command} converts it"
        )
    if exists(folder / f"{WEIGHTS}.index.json"):
        return f"has its weights in several files; {command} joins them"
    return f"has no weights: {WEIGHTS} is missing"


def _download(hub: str, revision: str) -> Path:
    """Download a model from the hub into the cache; record its commit and the sha256 of each file."""
    target = cache_dir() / hub_folder(hub, revision)
    try:
        from huggingface_hub import HfApi, snapshot_download

        commit = HfApi().model_info(hub, revision=revision).sha
        wanted = [*FILES, POOLING, MODULES, LOWER]
        snapshot_download(hub, revision=commit, allow_patterns=wanted, local_dir=target)
    except Exception as error:  # whatever the client raises: no network, no such model, no right to read it
        raise InputError(
            f"embedding.hub={hub}: cannot be downloaded: {one_line(error)}; or put its files into "
            f"{(data_dir() or cache_dir()) / hub_folder(hub, revision)}/"
        ) from error
    for name in FILES:
        if exists(target / name):
            record(target / name)
    (target / REVISION).write_text(json.dumps({"hub": hub, "revision": commit}), encoding="utf-8")
    return target
