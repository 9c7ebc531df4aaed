#!/usr/bin/env bash
# In a DocBin a word has the hash of its text, but words that are also the name of a symbol of spaCy have the number of
# that symbol: a reader that looks words up by hash loses "LOC", "mark" or "dobj" of any text.
# Version: spacy 3.8.18 with msgpack 1.2.4
# Expected: each number in the tokens of a DocBin is spacy.strings.hash_string of the word (its strings are in the file)
# Seen: so for "The" and "river", but LOC is 385, mark 423 and dobj 416, from the table spacy.symbols.IDS
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check spacy==3.8.18 msgpack==1.2.4
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import zlib

import msgpack
import numpy as np
import spacy
from spacy.strings import hash_string
from spacy.symbols import IDS
from spacy.tokens import Doc, DocBin

words = ["The", "LOC", "mark", "dobj", "river"]
document = Doc(spacy.blank("en").vocab, words=words)
content = msgpack.unpackb(zlib.decompress(DocBin(attrs=["ORTH"], docs=[document]).to_bytes()))
assert set(words) <= set(content["strings"]), content["strings"]
numbers = np.frombuffer(content["tokens"], np.uint64).tolist()
by_hash = [word for word, number in zip(words, numbers, strict=True) if number == hash_string(word)]
by_symbol = {word: number for word, number in zip(words, numbers, strict=True) if number == IDS.get(word)}
if by_hash != ["The", "river"] or by_symbol != {"LOC": 385, "mark": 423, "dobj": 416}:
    raise SystemExit(f"the numbers are others now: by hash {by_hash}, by symbol {by_symbol}")
print(f"as seen: {', '.join(by_hash)} by hash, {by_symbol} by symbol")
PYTHON
