#!/usr/bin/env bash
# LogisticRegression with its default tolerance stops far from the optimum of weakly regularized problems, and says nothing.
# Version: scikit-learn 1.9.1 with numpy 2.4.6 and scipy 1.17.1
# Expected: probabilities near those of the minimum, or a ConvergenceWarning
# Seen: 200 examples of 384 features, C=1000: it stops after some ten steps without a warning; probabilities of new examples
# differ by more than 0.5 from those of tol=1e-10, on which two solvers agree, and one label in twenty differs
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
"$work/env/bin/python" - <<'PYTHON'
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("error")
rng = np.random.default_rng(0)
y = np.tile([0, 1], 100)
x = rng.normal(size=(200, 384)) + 0.1 * y[:, None]
new = rng.normal(size=(500, 384)) + 0.1 * np.tile([0, 1], 250)[:, None]


def probabilities(**settings):
    model = LogisticRegression(C=1000, **settings).fit(x, y)
    return model.predict_proba(new)[:, 1], int(model.n_iter_[0])


default, steps = probabilities()
converged, more_steps = probabilities(tol=1e-10, max_iter=100_000)
newton, _ = probabilities(solver="newton-cg", tol=1e-10, max_iter=10_000)
assert np.abs(converged - newton).max() < 1e-3, np.abs(converged - newton).max()
difference, labels = np.abs(default - converged).max(), np.mean((default > 0.5) != (converged > 0.5))
if difference < 0.5 or labels < 0.02:
    raise SystemExit(f"the default converges further now: {difference:.2f}, {labels:.1%} of labels")
print(f"as seen: {steps} steps instead of {more_steps}, no warning; probabilities differ by up to {difference:.2f}, "
      f"{labels:.1%} of labels differ")
PYTHON
