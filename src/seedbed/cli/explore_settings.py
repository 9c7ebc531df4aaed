"""The settings of ``seedbed explore``: parsed, validated and built."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.cli.arguments import key_values
from seedbed.errors import InputError
from seedbed.readable import exists

KEYS = ("word", "forms", "senses", "static", "output", "limit", "device")
GROUPS = ("dataset", "embedding", "tracking")
TAKEN = (*GROUPS, "plugins")
LIMIT, MAX_LIMIT = 200, 2_000


if TYPE_CHECKING:
    from seedbed.data.dataset import Dataset
    from seedbed.embeddings.contextual import ContextualSettings
    from seedbed.embeddings.static import Static
    from seedbed.tracking.settings import Tracking


@dataclass(frozen=True)
class ExploreSettings:
    """The settings. ``sentences``: a file, or a data set."""

    word: str
    forms: tuple[str, ...]
    sentences: "Path | Dataset"
    embedding: "ContextualSettings"
    static: "Static | None"
    output: str
    limit: int
    device: str
    tracking: "Tracking"


def parse_settings(arguments: Sequence[str], config_dir: str | None = None) -> ExploreSettings:
    """Parse, validate and build the settings, before anything heavy is imported. Raises InputError."""
    overrides = [argument for argument in arguments if re.split(r"[.@=]", argument.lstrip("+~"))[0] in TAKEN]
    static_overrides = [argument for argument in arguments if argument.startswith("static.")]
    rest = [argument for argument in arguments if argument not in overrides and argument not in static_overrides]
    values = key_values(rest, (*KEYS, *TAKEN))
    groups = {override.partition("=")[0]: override.partition("=")[2] for override in overrides}
    if "senses" in values and "dataset" in groups:
        raise InputError("command line: give one of senses= and dataset=")
    from seedbed.studies.contextual import contextual

    word = _parse_word(values.get("word", ""))
    objects = _build(overrides if "embedding" in groups else ["embedding=elmo", *overrides], config_dir)
    models = contextual(objects["embedding"])
    if not models:
        known = ", ".join(_embeddings_with("_target_: seedbed.embeddings.elmo.", config_dir))
        raise InputError(f"embedding={groups['embedding']}: has one vector per word, whatever the sentence; "
                         f"contextual are {known}")  # fmt: skip
    if len(models) > 1:
        raise InputError(f"embedding={groups['embedding']}: one model at a time, and it has {', '.join(models)}")
    if static_overrides and "static" not in values:
        raise InputError(f"command line: {static_overrides[0]}: name the table too, such as static=glove")
    static = _static_part(objects["embedding"])
    if "static" in values:
        static = _build_static(values["static"], static_overrides, config_dir)
    return ExploreSettings(
        word=word,
        forms=tuple(form for form in re.split(r"[,\s]+", values.get("forms", "").strip("[]")) if form),
        sentences=objects["dataset"]
        if "dataset" in groups
        else _senses_file(values.get("senses", ""), word, config_dir),
        embedding=next(iter(models.values())),
        static=static,
        output=values.get("output") or "seedbed-out/explore/" + re.sub(r"[^-\w]", "_", word),
        limit=_parse_limit(values.get("limit", str(LIMIT))),
        device=_parse_device(values.get("device", "auto")),
        tracking=objects["tracking"],
    )


def _build(overrides: Sequence[str], config_dir: str | None) -> dict[str, Any]:
    """Return the objects of ``GROUPS``; their classes are chosen by the config."""
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance

    config = compose(overrides, config_dir)
    where = Provenance(config, overrides)
    return {group: build(config[group], group, where) for group in GROUPS}


def _static_part(embedding: object) -> "Static | None":
    """Return the table of static vectors in a stack, if any."""
    from seedbed.embeddings.static import Static

    return next((part for part in getattr(embedding, "parts", {}).values() if isinstance(part, Static)), None)


def _build_static(name: str, arguments: Sequence[str], config_dir: str | None) -> "Static | None":
    """Return the table of static vectors of this name in conf/embedding; None for ``static=``."""
    from seedbed.embeddings.static import Static

    if not name:
        return None
    from seedbed.errors import nearest

    if name not in _embeddings_with("", config_dir):
        tables = _embeddings_with("_target_: seedbed.embeddings.static.", config_dir)
        raise InputError(f"static={name}: there is no such table{nearest(name, tables, 'static')}")
    overrides = [f"embedding={name}", *(f"embedding.{argument.removeprefix('static.')}" for argument in arguments)]
    try:
        static = _build(overrides, config_dir)["embedding"]
        if not isinstance(static, Static):
            raise InputError(f"embedding={name}: is not a table of static vectors")
        _ = static.file  # raises if it is missing
    except InputError as error:
        raise InputError(str(error).replace("embedding", "static")) from error
    return static


def _embeddings_with(text: str, config_dir: str | None) -> list[str]:
    """Return the names of the embeddings in conf/ whose file contains this text."""
    from seedbed.config.conf_files import conf_dir

    folders = [conf_dir(), *([Path(config_dir)] if config_dir else [])]
    files = [file for folder in folders for file in (folder / "embedding").glob("*.yaml")]
    return sorted({file.stem for file in files if text in file.read_text("utf-8", "replace")})


def _senses_file(name: str, word: str, config_dir: str | None) -> Path:
    """Return the file of sentences: ``name`` is a path, or a name in conf/senses; the default is ``word``."""
    from seedbed.config.conf_files import conf_dir
    from seedbed.errors import nearest

    if name and (exists(Path(name).expanduser()) or "/" in name or "." in name):
        return Path(name).expanduser()
    folders = [*([Path(config_dir)] if config_dir else []), conf_dir()]
    shipped = {file.stem: file for folder in reversed(folders) for file in sorted((folder / "senses").glob("*.tsv"))}
    if (name or word) in shipped:
        return shipped[name or word]
    if name:
        raise InputError(f"senses={name}: no such file, and none in conf/senses{nearest(name, shipped)}")
    raise InputError(f"word={word}: needs sentences, senses=FILE or dataset=NAME; seedbed comes with sentences for "
                     f"{', '.join(sorted(shipped))}")  # fmt: skip


def _parse_word(word: str) -> str:
    if not word.strip():
        raise InputError("command line: give the word, such as word=work")
    if len(word.split()) > 1:
        raise InputError(f"word={word}: must be one token; list other forms with forms=WORD,WORD")
    return word.strip()


def _parse_limit(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MAX_LIMIT:
        raise InputError(f"limit={text}: must be a number from 2 to {MAX_LIMIT:,}")
    return int(text)


def _parse_device(device: str) -> str:
    if device not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={device}: choose auto, cpu or gpu")
    return device
