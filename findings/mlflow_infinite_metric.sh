#!/usr/bin/env bash
# MLflow's SQL store reads an infinite metric back as the largest float, while NaN comes back as NaN.
# Version: mlflow 3.17.2, sqlite
# Expected: inf, as it was logged, or an error on logging
# Seen: 1.7976931348623157e+308 in runs and in histories; math.isinf is false, so that a loss that diverged counts as finite
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check mlflow==3.17.2
cd "$work"
MLFLOW_TRACKING_URI="sqlite:///$work/runs.db" "$work/env/bin/python" - 2>"$work/log" <<'PYTHON' || { tail -3 "$work/log"; exit 1; }
import math

import mlflow

client = mlflow.MlflowClient()
experiment = client.create_experiment("losses")
back = {}
for name, value in (("nan", math.nan), ("inf", math.inf), ("minus_inf", -math.inf)):
    run = client.create_run(experiment).info.run_id
    client.log_metric(run, "loss", value)
    back[name] = client.get_run(run).data.metrics["loss"]
assert math.isnan(back["nan"]), back
if math.isinf(back["inf"]) or math.isinf(back["minus_inf"]):
    raise SystemExit(f"infinite metrics come back as they are now: {back}")
assert back["inf"] > 1e308 and back["minus_inf"] < -1e308, back
print(f"as seen: NaN comes back as {back['nan']}, inf as {back['inf']!r}, -inf as {back['minus_inf']!r}")
PYTHON
