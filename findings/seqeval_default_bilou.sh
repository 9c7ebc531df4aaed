#!/usr/bin/env bash
# seqeval's default mode loses entities of BILOU tags that stand next to each other, and scores the loss as perfect.
# Version: seqeval 1.2.2 with numpy 2.4.6
# Expected: two adjacent entities are two; a prediction that has one of them does not have F1 1.0
# Seen: of B L B L the first entity is gone; U U is one entity; F1 is 1.0 against a prediction with half of the entities
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check seqeval==1.2.2 numpy==2.4.6
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import warnings

from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU

warnings.simplefilter("ignore")
pairs = ["B-LOC", "L-LOC", "B-LOC", "L-LOC"]
assert get_entities(pairs) == [("LOC", 2, 3)], get_entities(pairs)
assert get_entities(["U-PER", "U-PER"]) == [("PER", 0, 1)], get_entities(["U-PER", "U-PER"])
half = ["O", "O", "B-LOC", "L-LOC"]
assert f1_score([pairs], [half]) == 1.0
strict = f1_score([pairs], [half], mode="strict", scheme=BILOU)
assert abs(strict - 2 / 3) < 1e-9, strict
print("as seen: F1 1.0 by default, 0.667 in strict mode with the scheme")
PYTHON
