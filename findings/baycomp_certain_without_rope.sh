#!/usr/bin/env bash
# baycomp's Bayesian signed-rank test without a region of practical equivalence, its default, is certain after one data set.
# Version: baycomp 1.0.3 with numpy 2.4.6 and scipy 1.17.1
# Expected: scores of 0.800 and 0.801 on one data set leave a doubt, and 20 data sets with equal scores make it larger; leaving
#   out the region is about the same as a region of a millionth
# Seen: the second system is better with probability 1.0 in both cases, 0.84 and below 0.01 with the region of a millionth. The
#   prior is one difference of zero, and a tie counts half, so that any win among ties puts every sample above one half
#   (Wilcoxon's test of the same scores has p = 1 and 0.3)
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check --no-compile baycomp==1.0.3 numpy==2.4.6 scipy==1.17.1
"$work/env/bin/python" - <<'PYTHON'
import numpy as np
from baycomp import SignedRankTest
from scipy.stats import wilcoxon

cases = {"one data set": ([0.8], [0.801]), "20 ties and a win": ([0.8] * 21, [0.8] * 20 + [0.801])}
default, narrow = {}, {}
for name, scores in cases.items():
    first, second = map(np.array, scores)
    default[name] = float(SignedRankTest.probs(first, second, nsamples=5_000, random_state=0)[-1])
    narrow[name] = float(SignedRankTest.probs(first, second, rope=1e-6, nsamples=5_000, random_state=0)[-1])
    assert wilcoxon(second, first).pvalue > 0.3, name
if set(default.values()) != {1.0}:
    raise SystemExit(f"there is a doubt now: {default}")
assert 0.8 < narrow["one data set"] < 0.88 and narrow["20 ties and a win"] < 0.01, narrow
print(f"as seen: probabilities that the second system is better: {default} by default, {narrow} with rope=1e-6")
PYTHON
