#!/usr/bin/env bash
# A word whose vector was replaced in gensim keeps its old length: most_similar reports cosines above 1 and ranks by them.
# Version: gensim 4.4.0 with numpy 2.4.6 and scipy 1.17.1
# Expected: after vectors["bank"] = new, the documented way to replace a vector, all methods use it; a cosine is at most 1
# Seen: if most_similar was called before, as when vectors are compared before and after retrofitting, it divides by the length
#   of the old vector: 3.0 for a cosine of 0.71, in front of a word of 0.98. similarity() and distances() are right, and so is
#   most_similar after fill_norms(force=True). (With a new word it raises: piskvorky/gensim issue 3224.)
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check --no-compile gensim==4.4.0 numpy==2.4.6 scipy==1.17.1
"$work/env/bin/python" - <<'PYTHON'
import numpy as np
from gensim.models import KeyedVectors


def vectors():
    keyed = KeyedVectors(2)
    keyed.add_vectors(["river", "bank", "stream"], np.array([[1, 0], [0, 1], [1, 0.2]], dtype=np.float32))
    return keyed


def ranking(keyed):
    return [(word, round(float(cosine), 2)) for word, cosine in keyed.most_similar("river")]


new, fresh, asked = np.array([3, 3], dtype=np.float32), vectors(), vectors()
fresh["bank"] = new
assert ranking(fresh) == [("stream", 0.98), ("bank", 0.71)], ranking(fresh)
assert ranking(asked) == [("stream", 0.98), ("bank", 0.0)], ranking(asked)
asked["bank"] = new
assert np.array_equal(asked.vectors, fresh.vectors) and round(float(asked.similarity("river", "bank")), 2) == 0.71
stale = ranking(asked)
if stale == ranking(fresh):
    raise SystemExit(f"most_similar uses the new length now: {stale}")
assert stale == [("bank", 3.0), ("stream", 0.98)], stale
asked.fill_norms(force=True)
assert ranking(asked) == ranking(fresh), ranking(asked)
print(f"as seen: {stale} if most_similar was called before the vector was replaced, {ranking(fresh)} if not")
PYTHON
