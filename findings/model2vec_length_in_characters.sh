#!/usr/bin/env bash
# model2vec cuts a text by characters before it cuts it by tokens: a text of long words loses tokens below max_length, and
# half of the last word can enter the vector as another word.
# Version: model2vec 0.10.0 with tokenizers 0.23.3 and numpy 2.4.6
# Expected: max_length is documented as a number of tokens, 512 by default; a text of 302 tokens is encoded whole
# Seen: only the first 512 times 5 characters are read, 5 being the median length of the words of the vocabulary: the last
#   word is missing from the vector, and "river", which the text does not have, is in it, cut from "riverbank".
#   With max_length=None the vector is right
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check model2vec==0.10.0 tokenizers==0.23.3 numpy==2.4.6
cd "$work"
HOME="$work" HF_HUB_OFFLINE=1 "$work/env/bin/python" - <<'PYTHON'
import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer, models, pre_tokenizers

words = ["[UNK]", "bank", "river", "boats", "riverbank"]
tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
model = StaticModel(np.eye(len(words), dtype="float32"), tokenizer, normalize=False)
text = "bank " + "riverbank " * 300 + "boats"
assert len(text.split()) == 302 < model.max_length == 512, model.max_length


def words_of(vector):
    return {word for word, share in zip(words, vector, strict=True) if share > 0}


assert words_of(model.encode(text, max_length=None)) == set(text.split())
seen = words_of(model.encode(text))
if seen != {"bank", "riverbank", "river"}:
    raise SystemExit(f"the words in the vector are others now: {sorted(seen)}")
print(f"as seen: words of the text {sorted(set(text.split()))}, of its vector {sorted(seen)}")
PYTHON
