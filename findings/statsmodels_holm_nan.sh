#!/usr/bin/env bash
# Holm's correction of statsmodels rejects a hypothesis whose p-value is NaN as soon as it rejects all others.
# Version: statsmodels 0.15.0 with scipy 1.17.1 and numpy 2.4.6
# Expected: a NaN is no evidence: not rejected, as with method="bonferroni", or an error; Holm's method compares each p-value with
#   its bound, and NaN is below none
# Seen: two systems with the same scores have the p-value NaN in scipy's paired t-test; beside two comparisons with small p-values
#   multipletests(method="holm") returns reject=True for them, with the corrected p-value NaN. If another comparison is not
#   rejected, neither is this one
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check --no-compile statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6
"$work/env/bin/python" - 2>"$work/log" <<'PYTHON' || { tail -3 "$work/log"; exit 1; }
import numpy as np
from scipy.stats import ttest_rel
from statsmodels.stats.multitest import multipletests

glove = np.array([0.61, 0.64, 0.59, 0.66, 0.63])
others = {
    "fasttext": glove + [0.09, 0.11, 0.10, 0.08, 0.12],
    "subwords": glove + [0.05, 0.07, 0.06, 0.06, 0.05],
    "glove, read again": glove.copy(),
}
p_values = [float(ttest_rel(other, glove).pvalue) for other in others.values()]
assert max(p_values[:2]) < 0.001 and np.isnan(p_values[2]), p_values
rejected = {method: multipletests(p_values, method=method)[0].tolist() for method in ("holm", "bonferroni")}
assert rejected["bonferroni"] == [True, True, False], rejected
if rejected["holm"] != [True, True, True]:
    raise SystemExit(f"Holm's method does not reject NaN now: {rejected}")
assert np.isnan(multipletests(p_values, method="holm")[1][2])
with_large = multipletests([*p_values, 0.9], method="holm")[0].tolist()
assert with_large == [True, True, False, False], with_large
print(f"as seen: of the p-values {p_values} Holm's method rejects {rejected['holm']}, Bonferroni's {rejected['bonferroni']}")
PYTHON
