#!/usr/bin/env bash
# TfidfVectorizer with its default settings cuts the first letter off Turkish words such as İzmir, in titles and in capitals.
# Version: scikit-learn 1.9.1
# Expected: a term for the word, in small letters, as "izmir" has one
# Seen: "İ" in small letters is an "i" with a combining dot, where the default token_pattern splits; the single "i" is too short
# and dropped: the term is "zmir", which "izmir" does not share, and "DİKKAT" gives "di" and "kkat"
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
from sklearn.feature_extraction.text import TfidfVectorizer


def terms(text, **settings):
    return sorted(TfidfVectorizer(**settings).fit([text]).vocabulary_)


assert terms("izmir") == ["izmir"]
assert terms("İzmir", lowercase=False) == ["İzmir"]
assert terms("İzmir") == ["zmir"], terms("İzmir")
assert terms("DİKKAT") == ["di", "kkat"], terms("DİKKAT")
print("as seen: İzmir is the term 'zmir', DİKKAT is 'di' and 'kkat'")
PYTHON
