"""submitit, imported without what it does to the logging of the process."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

SCRIPT = """
import contextlib, logging, os, sys
from seedbed.launching.submitit_jobs import submitit_library

with open(sys.argv[1], "w") as stream:
    with contextlib.redirect_stderr(stream):
        from absl import logging as made_for_this_stream
    handler = logging.StreamHandler(sys.stdout)
    logging.getLogger("mine").addHandler(handler)
    before = dict(os.environ)
    assert submitit_library() is submitit_library() is sys.modules["submitit"]
    assert not stream.closed and dict(os.environ) == before
    logging.getLogger("mine").warning("still here")
"""


@pytest.mark.skipif(find_spec("submitit") is None, reason="the extra slurm is not installed")
def test_its_import_leaves_log_handlers_and_their_streams_open(tmp_path):
    # submitit 1.5.4 calls logging.config.dictConfig, which closes all handlers; that of absl-py 2 closes its stream
    done = subprocess.run([sys.executable, "-c", SCRIPT, tmp_path / "log"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "")
