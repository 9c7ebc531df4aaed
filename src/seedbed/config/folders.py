"""The folders of configs: conf/, and one of the user's own laid out like it."""

from collections.abc import Iterator
from pathlib import Path

from seedbed.errors import InputError


def conf_dir() -> Path:
    """The folder of the configs: the one in the installed package, else the one of the repository."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "conf", package.parent.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise InputError("the folder conf/ is missing from the installation: install seedbed again")


def own_dir(config_dir: str | None) -> Path | None:
    """The folder that ``--config-dir`` names, if any; InputError where it is none."""
    if not config_dir:
        return None
    try:
        folder = Path(config_dir).expanduser().resolve()
        there = folder.is_dir()
    except (OSError, ValueError):  # a name that is too long, or has a zero byte
        there = False
    if not there:
        raise InputError(f"--config-dir {config_dir}: not a folder")
    return folder


def choice_files(group: str, config_dir: str | None) -> dict[str, Path]:
    """The files of a group's choices by name; one's own come before those of seedbed."""
    folders = [conf_dir(), *([own] if (own := own_dir(config_dir)) else [])]
    return {file.stem: file for folder in folders for file in sorted((folder / group).glob("*.yaml"))}


def refuse_hidden(choices: Iterator[tuple[str, str]], config_dir: str | None) -> None:
    """Refuse a choice that is in both folders and not the same: Hydra reads the one in conf/ without a word."""
    own = own_dir(config_dir)
    for group, choice in choices if own else ():
        ours, theirs = (folder / group / f"{choice.removesuffix('.yaml')}.yaml" for folder in (conf_dir(), own))
        if ours.is_file() and theirs.is_file() and ours.read_bytes() != theirs.read_bytes():
            key = "experiment" if group == "pretraining" else group
            raise InputError(
                f"{shown(theirs)}: {key}={choice} is one of seedbed's own, which is read in its place: give yours "
                "another name"
            )


def shown(file: Path) -> str:
    """A file of ours as ``conf/...``; another one from the working directory, where it is below that."""
    if file.is_relative_to(conf_dir()):
        return str("conf" / file.relative_to(conf_dir()))
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
