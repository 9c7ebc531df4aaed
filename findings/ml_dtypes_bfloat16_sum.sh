#!/usr/bin/env bash
# NumPy sums bfloat16 arrays number by number in bfloat16: a sum of ones stops at 256, and a mean over 1,000 ones is 0.26.
# Version: numpy 2.4.6 with ml_dtypes 0.6.0
# Expected: as for float16, which NumPy sums in blocks: 1,000 and 1.0 to within rounding
# Seen: 256, and 0.2559 for the mean of each column, without a warning; the mean of 1,000 vectors of a model stored in bfloat16 is useless
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 ml_dtypes==0.6.0
"$work/env/bin/python" - <<'PYTHON'
import ml_dtypes
import numpy as np

vectors = np.ones((1000, 3))
half = float(vectors.astype(np.float16)[:, 0].sum())
total = float(vectors.astype(ml_dtypes.bfloat16)[:, 0].sum())
means = vectors.astype(ml_dtypes.bfloat16).mean(axis=0).astype(float)
wide = vectors.astype(ml_dtypes.bfloat16).mean(axis=0, dtype=np.float32)
assert half == 1000 and (wide == 1).all(), (half, wide)
if total != 256 or not (means < 0.26).all():
    raise SystemExit(f"the sum of 1,000 ones is {total} now, the mean {means[0]}")
print(f"as seen: the sum of 1,000 ones is {total:.0f}, their mean {means[0]:.4f}; float16 gives {half:.0f}, dtype=float32 1")
PYTHON
