"""Completion in the shell: what is offered, and the script in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed as package


@pytest.fixture
def offered(seedbed, monkeypatch):
    """Returns what is offered for a line, as bash asks for it."""

    def made(line):
        monkeypatch.setenv("COMP_LINE", line)
        said = seedbed("-sc", "query=bash")
        assert (said.code, said.err) == (0, "")
        return said.out.split()

    return made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("seedbed co", ["compare"]),
        ("seedbed compare encoder=p", ["encoder=pool", "encoder=probe", "encoder=prototype"]),
        ("seedbed run -m dataset=tr", ["dataset=trec"]),
        ("seedbed show -v training.ep", ["training.epochs="]),
        ("seedbed show experiment=quickstart repl", ["replicates="]),
        ("seedbed compare experiment=quick", ["experiment=quickstart"]),
        ("seedbed pretrain warm", ["warmup="]),
        ("seedbed report ", []),
    ],
)
def test_settings_are_offered_that_the_config_has(offered, line, expected):
    assert offered(line) == expected


def test_a_new_word_offers_groups_and_keys(offered):
    assert {"dataset=", "encoder=", "replicates=", "training."} <= set(offered("seedbed compare "))


@pytest.mark.parametrize("word", ["install=tcsh", "bash", "remove=bash"])
def test_another_shell_or_action_is_refused(refused, word):
    assert f"-sc {word}: write -sc install=SHELL or uninstall=SHELL" in refused("-sc", word)


def test_bash_completes_a_word(tmp_path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    source = Path(package.__file__).parents[1]
    (tmp_path / "seedbed").write_text(f'#!/bin/sh\nPYTHONPATH="{source}" exec "{sys.executable}" -m seedbed "$@"\n')
    (tmp_path / "seedbed").chmod(0o755)
    script = (
        'eval "$(seedbed -sc install=bash)"\n'
        'COMP_LINE="seedbed compare encoder=pr"; COMP_POINT=${#COMP_LINE}; COMP_CWORD=2\n'
        'hydra_bash_completion; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [bash, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "encoder=probe encoder=prototype\n"
