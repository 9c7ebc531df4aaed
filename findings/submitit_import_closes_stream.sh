#!/usr/bin/env bash
# `import submitit` closes a stream that another library writes to: it configures logging with logging.config.dictConfig,
# which closes every handler of the process, and the handler of absl (TensorFlow, JAX) closes the stream that it was made with.
# Version: submitit 1.5.4 with absl-py 2.5.1
# Expected: an import leaves files open that it does not know
# Seen: a file that was sys.stderr while absl was imported is closed (under pytest: every later test fails at its setup
#       with "I/O operation on closed file"); with SUBMITIT_LOG_LEVEL=NOCONFIG it stays open
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check submitit==1.5.4 absl-py==2.5.1
cd "$work"
cat > closed.py <<'PYTHON'
import contextlib
import sys

with open("log", "w") as stream:
    with contextlib.redirect_stderr(stream):
        import absl.logging
    assert not stream.closed
    import submitit

    sys.exit(7 if stream.closed else 0)
PYTHON
code=0
"$work/env/bin/python" closed.py || code=$?
[ "$code" = 7 ] || { echo "the stream stays open now (exit $code)"; exit 1; }
SUBMITIT_LOG_LEVEL=NOCONFIG "$work/env/bin/python" closed.py
echo "as seen: closed by the import, open with SUBMITIT_LOG_LEVEL=NOCONFIG"
