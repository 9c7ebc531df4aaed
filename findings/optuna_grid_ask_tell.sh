#!/usr/bin/env bash
# Optuna's GridSampler cannot be used with ask and tell to its end: telling the value of the last grid point raises.
# Version: optuna 5.0.0
# Expected: all points of the grid can be asked for and told, as with study.optimize
# Seen: the tell of the last point raises RuntimeError ("Study.stop is supposed to be invoked inside an objective function"); until
# then each point came once. The value is in the study all the same
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check optuna==5.0.0
"$work/env/bin/python" - <<'PYTHON'
import optuna
from optuna.distributions import IntDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)
grid = {"layers": [1, 2, 3]}


def study():
    return optuna.create_study(sampler=optuna.samplers.GridSampler(grid, seed=0))


optimized = study()
optimized.optimize(lambda trial: float(trial.suggest_int("layers", 1, 3)), n_trials=10)
assert sorted(trial.params["layers"] for trial in optimized.trials) == [1, 2, 3], optimized.trials
asked, error = study(), None
for told in range(3):
    trial = asked.ask({"layers": IntDistribution(1, 3)})
    try:
        asked.tell(trial, float(trial.params["layers"]))
    except RuntimeError as raised:
        error = raised
        break
if error is None:
    raise SystemExit("all points can be told now")
assert told == 2 and "Study.stop" in str(error), (told, error)
values = [trial.value for trial in asked.trials]
print(f"as seen: the third tell of three raises {type(error).__name__}; values in the study: {values}")
PYTHON
