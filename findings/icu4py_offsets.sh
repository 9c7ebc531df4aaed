#!/usr/bin/env bash
# The segments of icu4py's word breaker are offsets in UTF-16, not in the Python string.
# Version: icu4py 1.2.0
# Expected: text[start:end] of a segment is the word
# Seen: after a character beyond U+FFFF, as in some Chinese names, every slice is shifted; iterating the breaker is right
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check icu4py==1.2.0
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
from icu4py.breakers import WordBreaker

text = "\U00020bb7 said so"
words = list(WordBreaker(text, "root"))
slices = [text[start:end] for start, end in WordBreaker(text, "root").segments()]
assert words == ["\U00020bb7", " ", "said", " ", "so"], words
assert slices != words and slices[2] == "aid ", slices
print("as seen:", slices)
PYTHON
