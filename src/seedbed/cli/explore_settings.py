"""The settings of ``seedbed explore``: read, checked, built."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import key_values
from seedbed.errors import InputError
from seedbed.readable import exists

KEYS = ("word", "forms", "senses", "static", "output", "limit", "device")
GROUPS = ("dataset", "embedding", "tracking")
TAKEN = (*GROUPS, "plugins")
LIMIT, MOST = 200, 2_000


@dataclass(frozen=True)
class Asked:
    """What the settings say, checked and built; ``senses``: the file, where sentences are not those of ``dataset``."""

    word: str
    forms: tuple[str, ...]
    senses: Path | None
    dataset: Any
    embedding: Any
    static: Any
    output: str
    limit: int
    device: str
    tracking: Any


def ask(settings: Sequence[str], config_dir: str | None = None) -> Asked:
    """Read, check and build the settings, before anything heavy is imported. Raises InputError."""
    of_groups = [word for word in settings if re.split(r"[.@=]", word.lstrip("+~"))[0] in TAKEN]
    of_static = [word for word in settings if word.startswith("static.")]
    rest = [word for word in settings if word not in of_groups and word not in of_static]
    own = key_values(rest, (*KEYS, *TAKEN))
    chosen = {word.partition("=")[0]: word.partition("=")[2] for word in of_groups}
    if "senses" in own and "dataset" in chosen:
        raise InputError("command line: give one of senses= and dataset=")
    from seedbed.cli.embed import contextual

    word = _one_word(own.get("word", ""))
    built = _built(of_groups if "embedding" in chosen else ["embedding=elmo", *of_groups], config_dir)
    models = contextual(built["embedding"])
    if not models:
        known = ", ".join(_named("_target_: seedbed.embeddings.elmo.", config_dir))
        raise InputError(f"embedding={chosen['embedding']}: has one vector a word, whatever the sentence; "
                         f"contextual are {known}")  # fmt: skip
    if len(models) > 1:
        raise InputError(f"embedding={chosen['embedding']}: one model at a time, and it has {', '.join(models)}")
    if of_static and "static" not in own:
        raise InputError(f"command line: {of_static[0]}: name the table too, such as static=glove")
    return Asked(
        word=word,
        forms=tuple(form for form in re.split(r"[,\s]+", own.get("forms", "").strip("[]")) if form),
        senses=None if "dataset" in chosen else _senses_file(own.get("senses", ""), word, config_dir),
        dataset=built["dataset"] if "dataset" in chosen else None,
        embedding=next(iter(models.values())),
        static=_static(own["static"], of_static, config_dir) if "static" in own else _beside(built["embedding"]),
        output=own.get("output") or "seedbed-out/explore/" + re.sub(r"[^-\w]", "_", word),
        limit=_limit(own.get("limit", str(LIMIT))),
        device=_device(own.get("device", "auto")),
        tracking=built["tracking"],
    )


def _built(overrides: Sequence[str], config_dir: str | None) -> dict[str, Any]:
    """The objects of ``GROUPS``."""
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance

    config = compose(overrides, config_dir)
    where = Provenance(config, overrides)
    return {group: build(config[group], group, where) for group in GROUPS}


def _beside(embedding: Any) -> Any:
    """The table of static vectors that a stack has beside its contextual model."""
    from seedbed.embeddings.static import Static

    return next((part for part in getattr(embedding, "parts", {}).values() if isinstance(part, Static)), None)


def _static(name: str, settings: Sequence[str], config_dir: str | None) -> Any:
    """The table of static vectors of this name in conf/embedding; None for ``static=``."""
    from seedbed.embeddings.static import Static

    if not name:
        return None
    from seedbed.errors import nearest

    if name not in _named("", config_dir):
        tables = _named("_target_: seedbed.embeddings.static.", config_dir)
        raise InputError(f"static={name}: there is no such table{nearest(name, tables, 'static')}")
    overrides = [f"embedding={name}", *(f"embedding.{word.removeprefix('static.')}" for word in settings)]
    try:
        static = _built(overrides, config_dir)["embedding"]
        if not isinstance(static, Static):
            raise InputError(f"embedding={name}: is no table of static vectors")
        _ = static.file
    except InputError as error:
        raise InputError(str(error).replace("embedding", "static")) from error
    return static


def _named(text: str, config_dir: str | None) -> list[str]:
    """The embeddings in conf/ whose file has this text."""
    from seedbed.config.conf_files import conf_dir

    folders = [conf_dir(), *([Path(config_dir)] if config_dir else [])]
    files = [file for folder in folders for file in (folder / "embedding").glob("*.yaml")]
    return sorted({file.stem for file in files if text in file.read_text("utf-8", "replace")})


def _senses_file(given: str, word: str, config_dir: str | None) -> Path:
    """The file of sentences: a path, or a bare name among those that come with seedbed."""
    from seedbed.config.conf_files import conf_dir
    from seedbed.errors import nearest

    if given and (exists(Path(given).expanduser()) or "/" in given or "." in given):
        return Path(given).expanduser()
    folders = [*([Path(config_dir)] if config_dir else []), conf_dir()]
    shipped = {file.stem: file for folder in reversed(folders) for file in sorted((folder / "senses").glob("*.tsv"))}
    if (given or word) in shipped:
        return shipped[given or word]
    if given:
        raise InputError(f"senses={given}: no such file, and none in conf/senses{nearest(given, shipped)}")
    raise InputError(f"word={word}: give its sentences, senses=FILE or dataset=NAME; seedbed has some of its own for "
                     f"{', '.join(sorted(shipped))}")  # fmt: skip


def _one_word(word: str) -> str:
    if not word.strip():
        raise InputError("command line: give the word, such as word=work")
    if len(word.split()) > 1:
        raise InputError(f"word={word}: must be one token; further forms of it are forms=WORD,WORD")
    return word.strip()


def _limit(given: str) -> int:
    if not given.isdecimal() or not 2 <= int(given) <= MOST:
        raise InputError(f"limit={given}: must be a number from 2 to {MOST:,}")
    return int(given)


def _device(given: str) -> str:
    if given not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={given}: choose auto, cpu or gpu")
    return given
