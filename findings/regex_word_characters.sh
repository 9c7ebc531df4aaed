#!/usr/bin/env bash
# `regex` is no drop-in for `re` where words are split: their classes \w and \s are not the same characters.
# Version: regex 2026.11.15, beside the `re` of CPython 3.11 to 3.13
# Expected: the same tokens from the same pattern, as the documentation calls it backwards-compatible with `re`
# Seen: `regex` keeps combining marks in \w and drops ² ½ ①; `re` does the reverse; \x1c to \x1f are blanks for `re` alone
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check regex==2026.11.15
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import re

import regex

text = "cm² ½ ① हिन्दी"
assert re.findall(r"\w+", text) == ["cm²", "½", "①", "ह", "न", "द"], re.findall(r"\w+", text)
assert regex.findall(r"\w+", text) == ["cm", "हिन्दी"], regex.findall(r"\w+", text)
separators = "\x1c\x1d\x1e\x1f"
assert len(re.findall(r"\s", separators)) == 4
assert len(regex.findall(r"\s", separators)) == 0
print("as seen: one pattern, two lists of words")
PYTHON
