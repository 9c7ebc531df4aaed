#!/usr/bin/env bash
# nervaluate counts no partial match where the overlap is below 1 % of the gold entity: one token of an entity of 101 tokens
# is a missed and a spurious entity, of one of 100 tokens it is a partial and a type match. (Entities of that
# length are usual where whole clauses or sections are annotated.)
# Version: nervaluate 1.2.1
# Expected: `partial` gives half a match to "some overlap", `ent_type` a match to the same type with any overlap, as its
#   README and SemEval-2013 task 9.1 say, whatever the length
# Seen: partial F1 0.5 and type F1 1.0 with a gold entity of 100 tokens, 0 and 0 with 101; min_overlap_percentage, which
#   the README does not name, is 1 and cannot be lower
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check nervaluate==1.2.1
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
from nervaluate import Evaluator


def scores(length):
    gold = ["B-CLAUSE"] + ["I-CLAUSE"] * (length - 1)
    predicted = ["B-CLAUSE"] + ["O"] * (length - 1)
    overall = Evaluator([gold], [predicted], tags=["CLAUSE"], loader="list").evaluate()["overall"]
    return round(overall["partial"].f1, 3), round(overall["ent_type"].f1, 3)


seen = {length: scores(length) for length in (2, 100, 101)}
if seen != {2: (0.5, 1.0), 100: (0.5, 1.0), 101: (0.0, 0.0)}:
    raise SystemExit(f"the scores are others now: {seen}")
print(f"as seen: partial and type F1 by the length of the gold entity: {seen}")
PYTHON
