#!/usr/bin/env bash
# A fastText model has a word </s>, the end of a line, without subwords; gensim adds subwords to it.
# Version: gensim 4.4.0 and fasttext-wheel 0.9.2 with numpy 2.4.6
# Expected: load_facebook_vectors gives each word of the model the vector that fastText gives it
# Seen: equal to 1e-6 for all words of the vocabulary and for unknown words, but not for </s>
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check gensim==4.4.0 fasttext-wheel==0.9.2 numpy==2.4.6
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import random
from pathlib import Path

import fasttext
import numpy as np
from gensim.models.fasttext import load_facebook_vectors

random.seed(0)
words = ["river", "rivers", "bank", "banking", "under", "understand", "water"]
lines = [" ".join(random.choice(words) for _ in range(12)) for _ in range(400)]
Path("lines.txt").write_text("\n".join(lines) + "\n")
model = fasttext.train_unsupervised(
    "lines.txt", model="skipgram", dim=16, minCount=1, bucket=2000, epoch=1, thread=1, verbose=0
)
model.save_model("model.bin")
read = load_facebook_vectors("model.bin")
names = [*model.words, "riverbank"]
differences = {name: float(np.abs(model.get_word_vector(name) - read[name]).max()) for name in names}
end = differences.pop("</s>")
assert len(differences) == len(words) + 1, differences
assert max(differences.values()) < 1e-6, differences
if end < 1e-3:
    raise SystemExit(f"gensim has fastText's vector of </s> now: {end:.1e}")
print(f"as seen: </s> differs by {end:.3f}, the other {len(differences)} words by at most {max(differences.values()):.0e}")
PYTHON
