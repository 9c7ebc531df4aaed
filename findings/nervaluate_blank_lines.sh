#!/usr/bin/env bash
# nervaluate's CoNLL loader does not end a sentence at a line that holds a blank only.
# Version: nervaluate 1.2.1
# Expected: two sentences, as where the line between them is empty; editors and annotation tools write such lines
# Seen: one sentence, with a token too many, so that the entities of the second stand at other places
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check nervaluate==1.2.1
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
from nervaluate.loaders import ConllLoader

first, second = "Ana\tB-PER\nruns\tO\n", "Bo\tB-PER\nruns\tO\n"
starts = {
    blank: [[entity.start for entity in sentence] for sentence in ConllLoader().load(f"{first}{blank}\n{second}")]
    for blank in ("", " ", "\t")
}
assert starts == {"": [[0], [0]], " ": [[0, 3]], "\t": [[0, 3]]}, starts
print("as seen: a blank or a tab joins two sentences")
PYTHON
