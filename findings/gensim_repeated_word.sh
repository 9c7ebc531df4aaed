#!/usr/bin/env bash
# A word2vec text file that names a word twice is read by gensim, and cannot be read back once gensim has saved it.
# Version: gensim 4.4.0 with numpy 2.4.6
# Expected: what save_word2vec_format writes, load_word2vec_format reads
# Seen: reading leaves a key None; the saved file announces one vector more than it has, and reading it raises EOFError
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check gensim==4.4.0 numpy==2.4.6
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
from pathlib import Path

from gensim.models import KeyedVectors

Path("given.txt").write_text("3 2\na 1 2\na 3 4\nb 5 6\n")
vectors = KeyedVectors.load_word2vec_format("given.txt")
assert vectors.index_to_key == ["a", "b", None], vectors.index_to_key
vectors.save_word2vec_format("saved.txt")
lines = Path("saved.txt").read_text().splitlines()
assert (lines[0], len(lines)) == ("3 2", 3), lines
try:
    KeyedVectors.load_word2vec_format("saved.txt")
except EOFError:
    print("as seen: gensim cannot read what it saved")
else:
    raise SystemExit("gensim reads its own file now")
PYTHON
