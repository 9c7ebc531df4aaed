#!/usr/bin/env bash
# On Keras' NumPy backend the binary cross-entropy of logits never exceeds 16.1: it goes through a clipped sigmoid even with
# from_logits=True, while the JAX backend and the categorical loss of the same backend compute it from the logits.
# Version: keras 3.15.1 with numpy 2.4.6, scipy 1.17.1 and jax 0.10.2
# Expected: one value on both backends, log(1 + exp(-x)) for the label 1; from_logits is there to avoid the clipping
# Seen: logits of -20 and -80 with the label 1 cost 16.1 and 16.1 on NumPy, 20 and 80 on JAX and by hand; the two-class
#   categorical loss of the same logits is right on both
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 numpy==2.4.6 scipy==1.17.1 jax==0.10.2
cd "$work"
cat > loss.py <<'PYTHON'
import keras
import numpy as np

logits = np.array([-5, -20, -80], "float32")
pairs = np.stack([np.zeros(3, "float32"), logits], axis=1)
binary = keras.ops.binary_crossentropy(np.ones(3, "float32"), logits, from_logits=True)
classes = keras.ops.sparse_categorical_crossentropy(np.ones(3, "int32"), pairs, from_logits=True)
for values in (binary, classes):
    print(*(f"{float(value):.2f}" for value in np.asarray(values)))
PYTHON
for backend in numpy jax; do
    HOME="$work" KERAS_BACKEND="$backend" "$work/env/bin/python" loss.py > "$backend"
done
right="5.01 20.00 80.00"
[ "$(cat jax)" = "$right"$'\n'"$right" ] || { echo "JAX computes other losses now: $(tr '\n' ';' < jax)"; exit 1; }
[ "$(tail -1 numpy)" = "$right" ] || { echo "NumPy's categorical losses are others now: $(tail -1 numpy)"; exit 1; }
[ "$(head -1 numpy)" = "5.01 16.12 16.12" ] || { echo "NumPy's binary losses are others now: $(head -1 numpy)"; exit 1; }
echo "as seen: $(head -1 numpy) on NumPy, $(head -1 jax) on JAX"
