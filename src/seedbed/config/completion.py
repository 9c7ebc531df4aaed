"""Completion of settings in a shell, by Hydra's own plugins, as of any program of Hydra: ``-sc install=bash``."""

import os
from typing import TYPE_CHECKING

from seedbed.config.compose import hydra_initialized
from seedbed.config.schema import PRETRAINING, STUDY
from seedbed.errors import InputError

if TYPE_CHECKING:
    from hydra.plugins.completion_plugin import CompletionPlugin

SHELLS = ("bash", "fish", "zsh")
ACTIONS = ("install", "uninstall", "query")
WITH_SETTINGS = ("run", "compare", "show", "lint", "pretrain", "explore")
"""Commands whose arguments are settings of a config."""


def parse_request(text: str) -> tuple[str, str]:
    """Return action and shell of ``install=bash``. Raises InputError."""
    action, _, shell = text.partition("=")
    if action not in ACTIONS or shell not in SHELLS:
        raise InputError(f"-sc {text}: write -sc install=SHELL or uninstall=SHELL, with one of {', '.join(SHELLS)}")
    return action, shell


def complete(action: str, shell: str, line: str) -> None:
    """Print what a shell asks for: the script that installs completion, or the settings that may end ``line``.

    ``line``: what was typed so far, from ``seedbed`` on, with a command that takes settings.
    """
    from hydra.core.global_hydra import GlobalHydra

    words = line.split()
    root = PRETRAINING if words[1:2] == ["pretrain"] else STUDY
    with hydra_initialized(None):
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        plugin = _plugin(shell)(hydra.config_loader)
        if action != "query":
            getattr(plugin, action)()
            return
        settings = [word for word in words[2:] if not word.startswith("-")]
        typed = " ".join(["seedbed", *settings]) + " " * line.endswith(" ")
        os.environ["COMP_LINE"] = typed if settings else "seedbed "
        plugin.query(root.file)


def _plugin(shell: str) -> "type[CompletionPlugin]":
    from hydra._internal.core_plugins.bash_completion import BashCompletion
    from hydra._internal.core_plugins.fish_completion import FishCompletion
    from hydra._internal.core_plugins.zsh_completion import ZshCompletion

    return {"bash": BashCompletion, "fish": FishCompletion, "zsh": ZshCompletion}[shell]
