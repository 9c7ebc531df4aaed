"""The YAML files of configs: those of conf/, and those of a folder of the user's with the same layout."""

from collections.abc import Iterator
from pathlib import Path

from seedbed.errors import InputError


def conf_dir() -> Path:
    """Return the folder conf/: that of the installed package, else that of the repository."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "conf", package.parent.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise InputError("the folder conf/ is missing from the installation: install seedbed again")


def user_dir(config_dir: str | None) -> Path | None:
    """Return the folder named by ``--config-dir``, if any. InputError where it is not a folder."""
    if not config_dir:
        return None
    try:
        folder = Path(config_dir).expanduser().resolve()
        is_folder = folder.is_dir()
    except (OSError, ValueError):  # a name that is too long, or has a zero byte
        is_folder = False
    if not is_folder:
        raise InputError(f"--config-dir {config_dir}: not a folder")
    return folder


def choice_files(group: str, config_dir: str | None) -> dict[str, Path]:
    """Return the files of a group's choices by name. The user's replace those of conf/ with the same name."""
    folders = [conf_dir(), *([folder] if (folder := user_dir(config_dir)) else [])]
    return {file.stem: file for folder in folders for file in sorted((folder / group).glob("*.yaml"))}


def refuse_shadowed(choices: Iterator[tuple[str, str]], config_dir: str | None) -> None:
    """Raise InputError for a choice whose files in both folders differ: Hydra would silently read that of conf/."""
    folder = user_dir(config_dir)
    if folder is None:
        return
    for group, choice in choices:
        name = f"{choice.removesuffix('.yaml')}.yaml"
        built_in, users = conf_dir() / group / name, folder / group / name
        if built_in.is_file() and users.is_file() and built_in.read_bytes() != users.read_bytes():
            key = "experiment" if group == "pretraining" else group
            raise InputError(
                f"{shown(users)}: {key}={choice} is one of seedbed's own, which is read instead: give yours "
                "another name"
            )


def shown(file: Path) -> str:
    """Return a path for messages: ``conf/...``, else relative to the working directory where the file is below it."""
    if file.is_relative_to(conf_dir()):
        return str("conf" / file.relative_to(conf_dir()))
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
