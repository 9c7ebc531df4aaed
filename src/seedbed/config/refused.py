"""What Hydra, OmegaConf and YAML raise while a config is composed, as one line that says what to type."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.config.folders import choice_files, conf_dir, own_dir, shown
from seedbed.config.launchers import launching_hint, not_installed
from seedbed.config.quoting import to_type
from seedbed.config.readable import FILES, TEXTS, unreadable
from seedbed.config.schema import GROUPS, STUDY, Root
from seedbed.config.yaml_files import read
from seedbed.errors import InputError, nearest

HEADERLESS = "{}: a file of whole studies begins with the line `# @package _global_`; this one does not"


@dataclass(frozen=True)
class Raised:
    """What was raised, while which overrides were composed."""

    error: Any
    overrides: Sequence[str]
    config_dir: str | None
    root: Root = STUDY

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.error)

    @property
    def file(self) -> Path | None:
        """The file that it names, such as ``experiment/mine``; None for none, for the root and for Hydra's own."""
        match = re.match(r"In '(?P<config>[^']+)': ", self.text)
        named = match["config"] if match else self.root.file
        return None if named in (self.root.file, "hydra/config") else self._found(named)

    @property
    def studies(self) -> list[Path]:
        """The files of whole studies that the command line chooses."""
        chosen = [one.lstrip("+") for one in self.overrides]
        chosen = [self.root.to_hydra(one) for one in chosen if one.startswith(("experiment=", "sweeps="))]
        chosen = [one.replace("=", "/", 1) for one in chosen]
        return [file for one in chosen if (file := self._found(one.removesuffix(".yaml")))]

    def _found(self, config: str) -> Path | None:
        own = own_dir(self.config_dir)
        files = (folder / f"{config}.yaml" for folder in (conf_dir(), *([own] if own else [])))
        return next((file for file in files if file.is_file()), None)

    def at(self, text: str) -> str:
        """Where this text stands: the file that is named or chosen, with the line; else the command line."""
        for file in [self.file] if self.file else self.studies:
            if line := read(file).line_of_text(text):
                return f"{shown(file)}:{line}"
        return shown(self.file) if self.file else "command line"


@contextmanager
def in_one_line(overrides: Sequence[str], config_dir: str | None = None, root: Root = STUDY) -> Iterator[None]:
    """Turn whatever is raised while a config is composed into an InputError of one line."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        cause = error.__cause__ if not str(error) and error.__cause__ else error
        raise InputError(_line(Raised(cause, overrides, config_dir, root))) from error


def _line(raised: Raised) -> str:
    from hydra.errors import MissingConfigException, OverrideParseException

    error = raised.error
    if isinstance(error, OverrideParseException):
        return unreadable(str(error.override), raised.text)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing(raised)
    for pattern, line in _LINES.items():
        if found := re.search(pattern, raised.text, re.DOTALL):
            return line(raised, *found.groups())
    return _otherwise(raised)


def _otherwise(raised: Raised) -> str:
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    error = raised.error
    if mark := getattr(error, "problem_mark", None):
        read(Path(mark.name))  # says it in our words
    if isinstance(error, RecursionError):
        return f"{raised.at('')}: nested too deep, or a defaults list that includes itself"
    text = re.sub(r"\w+ raised while composing config:\n|\n *object_type=.*|\n *full_key: *(?=\n|$)", "", raised.text)
    plain = re.sub(r"\s*\n\s*", "; ", text.strip())
    if raised.file:
        return f"{shown(raised.file)}: {plain.partition(': ')[2]}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    known = isinstance(error, HydraException | OmegaConfBaseException | ValueError)
    return plain if known else f"the config cannot be composed: {type(error).__name__}: {plain}"


def _missing(raised: Raised) -> str:
    path = raised.error.missing_cfg_file
    group, _, choice = path.partition("/") if path.startswith(FILES) else path.rpartition("/")
    own = own_dir(raised.config_dir)
    if group == "experiment" and choice in choice_files("pretraining", raised.config_dir):
        return f"experiment={choice}: a recipe of `seedbed pretrain`, not a study"
    if group == "pretraining" and choice in choice_files("experiment", raised.config_dir):
        return f"experiment={choice}: a study of `seedbed compare`, not a recipe of `seedbed pretrain`"
    if line := not_installed(group, choice):
        return line
    overrides = [raised.root.to_hydra(one.lstrip("+")) for one in raised.overrides]
    typed = any(one.startswith(f"{group}") and one.endswith(f"={choice}") for one in overrides)
    beside = f" ({place})" if not typed and (place := raised.at(choice)) != "command line" else ""
    if own and (own / group / f"{choice}.yml").is_file():
        return f"{group}={choice}{beside}: rename {shown(own / group / choice)}.yml to {choice}.yaml"
    # An option of a folder without the file: a config of the same name elsewhere is no help.
    folder = "sweeps" if group == "sweeps" else f"conf/{group}"
    options = raised.error.options or ()
    key = "experiment" if group == raised.root.experiments else group
    return f"{key}={choice}{beside}: no file {folder}/{choice}.yaml{nearest(choice, options, key)}"


def _several(raised: Raised, override: str) -> str:
    from omegaconf import OmegaConf

    from seedbed.config.compose import compose

    key, _, value = override.partition("=")
    plain = key.lstrip("+")
    text = plain in TEXTS
    if plain not in (*GROUPS, *TEXTS):
        try:
            text = isinstance(OmegaConf.select(compose([], raised.config_dir, raised.root), plain), str)
        except InputError:
            text = False
    line = f"command line: {override}: several values; a list is {key}=[...], and `seedbed run -m` sweeps over them"
    return line + (f"; one text is {to_type(key, value)}" if text else "")


def _no_such_key(raised: Raised, key: str) -> str:
    from seedbed.config.compose import compose

    plain = key.lstrip("+~")
    if "@" in plain and raised.file and raised.file.parent.name in ("experiment", "sweeps"):
        return HEADERLESS.format(f"{shown(raised.file)}:1")
    if "No match in the defaults list" in raised.text:
        return f"{raised.at(plain)}: no config group {plain}{nearest(plain, [*raised.root.groups, 'experiment'])}"
    if plain.startswith("hydra.launcher."):
        return launching_hint(plain, raised.overrides)
    parent, _, name = plain.rpartition(".")
    others = [one for one in raised.overrides if "=" in one and not one.lstrip("+~").startswith((plain, "hydra"))]
    try:
        known = compose(others, raised.config_dir, raised.root) if len(others) < len(raised.overrides) else {}
        for part in parent.split(".") if parent else ():
            known = known[part]
        valid = [str(k) for k in known if k not in ("hydra", "_target_")]
        valid += ["experiment"] if not parent else []
    except (InputError, KeyError, TypeError):
        valid = []
    where = f" in {parent}" if parent else ""
    added = f"; a part of another name is +{plain}=..." if "@" in plain else ""
    return f"command line: no key {plain}{where}{nearest(name, valid, parent, '.')}{added}"


def _plus(raised: Raised, key: str) -> str:
    override = next((one for one in raised.overrides if one.startswith(f"+{key}=")), f"+{key}=")
    return f"command line: {override}: write {override[1:]}, without the plus"


_LINES: dict[str, Callable[..., str]] = {
    r"^Ambiguous value for argument '(.*?)'\n": _several,
    r"^Sweep parameters '(.*)' requires --multirun":
        lambda raised, override: f"command line: {override}: several values, which `seedbed run -m` sweeps over",
    r"Could not override '([^']+)'": _no_such_key,
    r"Multiple values for \S+\. To override a value use 'override (.*?)'":
        lambda raised, choice: f"{raised.at(choice)}: write `- override /{choice}`",
    r"Error resolving interpolation '(.*?)', possible":
        lambda raised, given: f"{raised.at(given)}: {given}: a defaults list can refer to other choices alone",
    r"Could not append to config\. An item is already at '([^']+)'": _plus,
    r"(Value [^\n]*? could not be converted[^\n]*)\n\s*full_key: (\S+)": lambda raised, what, key: f"{key}: {what}",
}  # fmt: skip
"""By what is said, the line about it."""


def key_in(error: Any) -> str:
    """The key of which OmegaConf complains; of the items of a list, the list's."""
    return re.sub(r"\[\d+\].*", "", str(error.full_key or error.key))


def unresolved(error: Any, place: str) -> str:
    """The line about a value that refers to what is not there, at this place."""
    text = str(error).partition("\n")[0]
    key = key_in(error)
    if found := re.search(r"Environment variable '([^']*)' not found", text):
        return (f"{key} ({place}): the environment variable {found[1]} is not set; with a default it is "
                f"${{oc.env:{found[1]},DEFAULT}}")  # fmt: skip
    if text.startswith("Missing mandatory value"):
        return f"{key} ({place}): is ???, which stands for a value that is to be given"
    return f"{key} ({place}): {text}; a text with ${{ in it is written \\${{"
