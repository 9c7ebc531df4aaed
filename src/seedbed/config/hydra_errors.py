"""Turn what Hydra, OmegaConf and YAML raise while a config is composed into one line that says what to type."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.conf_files import choice_files, conf_dir, shown, user_dir
from seedbed.config.hydra_grammar import shell_word
from seedbed.config.launchers import launching_hint, not_installed
from seedbed.config.override_checks import FILE_KEYS, TEXT_KEYS, unreadable
from seedbed.config.schema import GROUPS, STUDY, Root
from seedbed.config.yaml_files import read_yaml
from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from omegaconf.errors import OmegaConfBaseException

Compose = Callable[[Sequence[str], str | None, Root], "DictConfig"]

MISSING_HEADER = "{}: a file of whole studies begins with the line `# @package _global_`; this one does not"


@dataclass(frozen=True)
class Failure:
    """An exception, and the overrides that were being composed; ``compose`` composes others, to list valid keys."""

    error: Exception
    overrides: Sequence[str]
    config_dir: str | None
    compose: Compose
    root: Root = STUDY

    @property
    def text(self) -> str:
        """The message of the exception."""
        return str(self.error)

    @property
    def file(self) -> Path | None:
        """The file that the message names, such as ``experiment/mine``; None for the root config and Hydra's own."""
        match = re.match(r"In '(?P<config>[^']+)': ", self.text)
        name = match["config"] if match else self.root.file
        return None if name in (self.root.file, "hydra/config") else self._find(name)

    @property
    def studies(self) -> list[Path]:
        """The files of whole studies that the command line chooses."""
        plain = [override.lstrip("+") for override in self.overrides]
        chosen = [self.root.to_hydra(name) for name in plain if name.startswith(("experiment=", "sweeps="))]
        names = [name.replace("=", "/", 1) for name in chosen]
        return [file for name in names if (file := self._find(name.removesuffix(".yaml")))]

    def _find(self, config: str) -> Path | None:
        users = user_dir(self.config_dir)
        files = (folder / f"{config}.yaml" for folder in (conf_dir(), *([users] if users else [])))
        return next((file for file in files if file.is_file()), None)

    def location(self, text: str) -> str:
        """Return file and line of a text in the files that are named or chosen; else ``command line``."""
        for file in [self.file] if self.file else self.studies:
            if line := read_yaml(file).line_of_text(text):
                return f"{shown(file)}:{line}"
        return shown(self.file) if self.file else "command line"


@contextmanager
def hydra_errors(
    overrides: Sequence[str], config_dir: str | None, compose: Compose, root: Root = STUDY
) -> Iterator[None]:
    """Turn whatever is raised while a config is composed into an InputError of one line.

    ``compose``: composes other overrides, to list the valid keys in a message.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        cause = error.__cause__ if not str(error) and isinstance(error.__cause__, Exception) else error
        raise InputError(_message(Failure(cause, overrides, config_dir, compose, root))) from error


def _message(failure: Failure) -> str:
    from hydra.errors import MissingConfigException, OverrideParseException

    error = failure.error
    if isinstance(error, OverrideParseException):
        return unreadable(str(error.override), failure.text)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing_file(failure, str(error.missing_cfg_file), error.options or ())
    for pattern, message in _MESSAGES.items():
        if match := re.search(pattern, failure.text, re.DOTALL):
            return message(failure, *match.groups())
    return _general_message(failure)


def _general_message(failure: Failure) -> str:
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    error = failure.error
    if mark := getattr(error, "problem_mark", None):
        read_yaml(Path(mark.name))  # raises InputError
    if isinstance(error, RecursionError):
        return f"{failure.location('')}: nested too deep, or a defaults list that includes itself"
    text = re.sub(r"\w+ raised while composing config:\n|\n *object_type=.*|\n *full_key: *(?=\n|$)", "", failure.text)
    plain = re.sub(r"\s*\n\s*", "; ", text.strip())
    if failure.file:
        key = re.search(r"full_key: (\S+)", failure.text)
        line = read_yaml(failure.file).line(key[1].split(".")) if key else None
        place = f"{shown(failure.file)}:{line}" if line else _place_of_value(failure)
        return f"{place}: {plain.partition(': ')[2]}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, HydraException | OmegaConfBaseException):
        return plain
    launching = " ".join(o for o in failure.overrides if o.lstrip("+~").startswith("hydra"))
    if launching:  # raised by a launcher or sweeper
        return f"command line: {launching}: {plain or 'cannot be used'}"
    return plain if isinstance(error, ValueError) else f"the config cannot be composed: {type(error).__name__}: {plain}"


def _place_of_value(failure: Failure) -> str:
    """Return file, and line where it has the value that a message ends with."""
    value = re.search(r"value: \W*(\w+)", failure.text)
    return failure.location(value[1]) if value else shown(failure.file or Path("conf/config.yaml"))


def _missing_file(failure: Failure, path: str, options: Sequence[str]) -> str:
    group, _, choice = path.partition("/") if path.startswith(FILE_KEYS) else path.rpartition("/")
    users = user_dir(failure.config_dir)
    if group == "experiment" and choice in choice_files("pretraining", failure.config_dir):
        return f"experiment={choice}: a recipe of `seedbed pretrain`, not a study"
    if group == "pretraining" and choice in choice_files("experiment", failure.config_dir):
        return f"experiment={choice}: a study of `seedbed compare`, not a recipe of `seedbed pretrain`"
    if line := not_installed(group, choice):
        return line
    overrides = [failure.root.to_hydra(override.lstrip("+")) for override in failure.overrides]
    typed = any(o.startswith(group) and o.endswith(f"={choice}") for o in overrides)
    where = f" ({location})" if not typed and (location := failure.location(choice)) != "command line" else ""
    if users and (users / group / f"{choice}.yml").is_file():
        return f"{group}={choice}{where}: rename {shown(users / group / choice)}.yml to {choice}.yaml"
    # Only options of the same group: a config of that name in another group does not help.
    folder = "sweeps" if group == "sweeps" else f"conf/{group}"
    key = "experiment" if group == failure.root.experiments else group
    return f"{key}={choice}{where}: no file {folder}/{choice}.yaml{nearest(choice, options, key)}"


def _several_values(failure: Failure, override: str) -> str:
    from omegaconf import OmegaConf

    key, _, value = override.partition("=")
    plain = key.lstrip("+")
    is_text = plain in TEXT_KEYS
    if plain not in (*GROUPS, *TEXT_KEYS):
        with suppress(InputError):
            is_text = isinstance(OmegaConf.select(failure.compose([], failure.config_dir, failure.root), plain), str)
    line = f"command line: {override}: several values; a list is {key}=[...], and `seedbed run -m` sweeps over them"
    return line + (f"; one text is {shell_word(key, value)}" if is_text else "")


def _no_such_key(failure: Failure, key: str) -> str:
    plain = key.lstrip("+~")
    if "@" in plain and failure.file and failure.file.parent.name in ("experiment", "sweeps"):
        return MISSING_HEADER.format(f"{shown(failure.file)}:1")
    if "No match in the defaults list" in failure.text:
        return (
            f"{failure.location(plain)}: no config group {plain}{nearest(plain, [*failure.root.groups, 'experiment'])}"
        )
    if plain.startswith("hydra.launcher."):
        return launching_hint(plain, failure.overrides)
    parent, _, name = plain.rpartition(".")
    remaining = [o for o in failure.overrides if "=" in o and not o.lstrip("+~").startswith((plain, "hydra"))]
    try:
        is_shorter = len(remaining) < len(failure.overrides)
        node = failure.compose(remaining, failure.config_dir, failure.root) if is_shorter else {}
        for part in parent.split(".") if parent else ():
            node = node[part]
        valid = [str(name) for name in node if name not in ("hydra", "_target_")]
        valid += ["experiment"] if not parent else []
    except (InputError, KeyError, TypeError):
        valid = []
    where = f" in {parent}" if parent else ""
    added = f"; a part of another name is +{plain}=..." if "@" in plain else ""
    return f"command line: no key {plain}{where}{nearest(name, valid, parent, '.')}{added}"


def _needless_plus(failure: Failure, key: str) -> str:
    override = next((o for o in failure.overrides if o.startswith(f"+{key}=")), f"+{key}=")
    return f"command line: {override}: write {override[1:]}, without the plus"


def _list_for_mapping(failure: Failure) -> str:
    """Return the message about a list in a file, where the config without the file has a mapping."""
    from omegaconf import OmegaConf

    file = failure.file
    others = [o for o in failure.overrides if not o.lstrip("+").startswith(("experiment=", "sweeps="))]
    with suppress(InputError):
        config = failure.compose(others, failure.config_dir, failure.root)
        for key, line in read_yaml(file).lists() if file else ():
            if OmegaConf.is_dict(OmegaConf.select(config, key)):
                return f"{shown(file or Path())}:{line}: {key}: must be a mapping, not a list"
    return _general_message(failure)


def _unmergeable(failure: Failure, override: str) -> str:
    cause = failure.error.__cause__
    reason = str(cause).partition("\n")[0] if cause else "does not fit"
    return f"command line: {override}: {reason}"


def _needs_sweep(failure: Failure, override: str) -> str:
    value = override.partition("=")[2]
    if value.lstrip().startswith("interval("):
        return f"command line: {override}: {interval_hint(override)}"
    return f"command line: {override}: several values, which `seedbed run -m` sweeps over"


def interval_hint(override: str) -> str:
    """Return how ``key=interval(low,high)`` is searched."""
    key, _, value = override.partition("=")
    bounds = re.fullmatch(r"\s*interval\(\s*([^\s,=()]+)\s*,\s*([^\s,=()]+)\s*\)\s*", value)
    low, high = bounds.groups() if bounds else ("LOW", "HIGH")
    return (
        "an interval is searched, not swept over: tune=random "
        f"'tune.space={{{key.lstrip('+')}: uniform({low}, {high})}}'; "
        "a sweep lists values, such as 0.1,0.2 or range(1,4)"
    )


def _long_number(failure: Failure) -> str:
    longest = max(failure.overrides, key=len, default="")
    return f"{failure.location('')}: {longest.partition('=')[0]}: a number of thousands of digits"


_MESSAGES: dict[str, Callable[..., str]] = {
    r"^Ambiguous value for argument '(.*?)'\n": _several_values,
    r"^Sweep parameters '(.*)' requires --multirun": _needs_sweep,
    r"Could not override '([^']+)'": _no_such_key,
    r"Multiple values for \S+\. To override a value use 'override (.*?)'":
        lambda failure, choice: f"{failure.location(choice)}: write `- override /{choice}`",
    r"Error resolving interpolation '(.*?)', possible":
        lambda failure, text: f"{failure.location(text)}: {text}: a defaults list can refer to other choices alone",
    r"^Error merging override (.*)": _unmergeable,
    r"Cannot merge DictConfig with ListConfig": _list_for_mapping,
    r"Exceeds the limit \(\d+ digits\)": _long_number,
    r"Could not append to config\. An item is already at '([^']+)'": _needless_plus,
    r"(Value [^\n]*? could not be converted[^\n]*)\n\s*full_key: (\S+)":
        lambda failure, message, key: f"{key}: {message}",
}  # fmt: skip
"""Pattern of a message, and the function that returns ours."""


def error_key(error: "OmegaConfBaseException") -> str:
    """Return the key of an OmegaConf error; for an item of a list, the key of the list."""
    return re.sub(r"\[\d+\].*", "", str(error.full_key or error.key))


def unresolved(error: "OmegaConfBaseException", location: str) -> str:
    """Return the message about a value at ``location`` that refers to something missing."""
    text = str(error).partition("\n")[0]
    key = error_key(error)
    if match := re.search(r"Environment variable '([^']*)' not found", text):
        return (f"{key} ({location}): the environment variable {match[1]} is not set; with a default it is "
                f"${{oc.env:{match[1]},DEFAULT}}")  # fmt: skip
    if text.startswith("Missing mandatory value"):
        return f"{key} ({location}): is ???, which stands for a value that must be set"
    return f"{key} ({location}): {text}; a text with ${{ in it is written \\${{"
