#!/usr/bin/env bash
# keras.ops.gelu and keras.activations.gelu are different functions by default: one approximates by tanh, the other does not.
# Version: keras 3.15.1 with numpy 2.4.6 and scipy 1.17.1 (JAX 0.10.2 as backend)
# Expected: one default in one library; a layer written with ops equals the one written with the name of its activation
# Seen: ops.gelu has approximate=True, activations.gelu and Dense(activation="gelu") approximate=False; values differ by up to 0.0005
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 numpy==2.4.6 scipy==1.17.1 jax==0.10.2
HOME="$work" KERAS_BACKEND=jax "$work/env/bin/python" - <<'PYTHON'
import math

import keras
import numpy as np

x = np.linspace(-5, 5, 1001, dtype="float32")
exact = np.array([0.5 * value * (1 + math.erf(value / math.sqrt(2))) for value in x.tolist()])
of_ops = np.abs(np.asarray(keras.ops.gelu(x)) - exact).max()
of_activation = np.abs(np.asarray(keras.activations.gelu(x)) - exact).max()
of_name = np.abs(np.asarray(keras.activations.get("gelu")(x)) - exact).max()
assert max(of_activation, of_name) < 1e-6, (of_activation, of_name)
if of_ops < 1e-4:
    raise SystemExit(f"ops.gelu is exact by default now: {of_ops:.1e}")
print(f"as seen: off by {of_ops:.1e} with ops.gelu, by {of_activation:.1e} with activations.gelu")
PYTHON
