"""False alarms and coverage of an arm against itself, each with a search of its own on the same draws.

Simulated, and trained: what a search adds to the noise must be in the intervals.
"""

import time

import numpy as np
from numpy.typing import NDArray
from tests.bench.evidence import REAL_STUDIES, REPLICATES, STUDIES, covered, rate, studies_of
from tests.bench.tuning import rows, run_search, searched, trained

from seedbed.report.statistics.sign_flips import LEVEL, sign_flip_interval, sign_flip_p

BUDGET, VALIDATION, TEST = 32, 200, 500
"""Of the simulated searches: trials, examples that choose, and that test."""
GAIN = 0.03
DRAWS, SEARCHES, PER_STUDY = 200, 2, 100
"""Of the real cells: draws, searches of each, and draws that are trained together: about 5,000 members in all."""
SETTINGS = (
    "experiment=movie_reviews_cnn", "sizes=[100]", f"replicates={DRAWS}", "sampling.validation=50", "sampling.test=200",
    "dataset.max_tokens=64", "training.epochs=6", "training.patience=null", "baseline=null", "tune=random",
    "tune.budget=8",
    "tune.space={training.learning_rate: log(3e-4,3e-2),encoder.dropout: uniform(0,0.6),task.label_smoothing: "
    "uniform(0,0.2)}",
)  # fmt: skip
ARMS = {"cnn": "embedding=glove,encoder.filters=16", "pool": "embedding=glove,encoder=pool"}


def tuned_scores(rng: np.random.Generator, studies: int, gain: float = 0.0) -> NDArray[np.float64]:
    """[2, studies, REPLICATES] test accuracies of an arm, and of itself plus ``gain``, with settings chosen by search.

    A draw moves all trials by as much (sd 2.5 points). Settings are up to some points better than the default, many of
    them worse, and a few at chance; a training moves each by itself (1.5 points). Validation and test see the same
    chance of a right answer, on examples of their own; of equal validation scores the first trial is chosen.
    """
    shape = (2, studies, REPLICATES, BUDGET)
    settings = 0.02 - rng.gamma(1.0, 0.03, shape)
    settings[rng.random(shape) < 0.05] = -0.12
    settings[..., 0] = 0.0  # the default
    draw = rng.normal(0, 0.025, (studies, REPLICATES, 1))
    chance = 0.62 + np.array([gain, 0.0])[:, None, None, None] + draw + settings + rng.normal(0, 0.015, shape)
    chosen = rng.binomial(VALIDATION, chance).argmax(axis=-1)
    of_chosen = np.take_along_axis(chance, chosen[..., None], axis=-1)[..., 0]
    return rng.binomial(TEST, of_chosen) / TEST


def simulated() -> None:
    """Studies that are independent of each other."""
    rng = np.random.default_rng(2019)
    print(f"\nan arm against itself, each with its own search of {BUDGET} trials, {STUDIES:,} simulated studies of "
          f"{REPLICATES} replicates")  # fmt: skip
    arm, other = tuned_scores(rng, STUDIES)
    differences = arm - other
    alarms = 100 * float(np.mean([sign_flip_p(own) <= LEVEL for own in differences]))
    print(f"  sd of a paired difference {100 * differences.std():.1f} points; false alarms at 5 % {alarms:.1f} % "
          f"(standard error {error(alarms):.1f}; goal: 3.5 to 6.5)")  # fmt: skip
    better, other = tuned_scores(rng, STUDIES, GAIN)
    gained = better - other
    for own, truth in ((differences, 0.0), (gained, float(gained.mean()))):
        held = covered(np.array([sign_flip_interval(study)[:2] for study in own]), truth)
        print(f"  95 % intervals, true difference {100 * truth:.1f} points: {held:.1f} % cover it (standard error "
              f"{error(held):.1f}; goal: 93 to 97)")  # fmt: skip


def error(percent: float) -> float:
    """Standard error of a share of independent studies, in percent."""
    return float(np.sqrt(percent * (100 - percent) / STUDIES))


def real() -> None:
    """A small CNN on the same draws, searched several times with other seeds, against itself and another arm.

    A study is ten draws, each with one of its disjoint pairs of searches; errors are those of a jackknife, as in
    `tests.bench.evidence.real_cells`.
    """
    started = time.perf_counter()
    scores = {arm: [] for arm in ARMS}
    chose_default, searches = 0, 0
    for arm, number in (("cnn", SEARCHES), ("pool", 1)):
        defaults = {}
        for seed in range(number):
            made, default, tuned = searched(*SETTINGS, f"arms={{{arm}: [{ARMS[arm]}]}}", f"tune.seed={seed}")
            kept = []
            for first in range(0, DRAWS, PER_STUDY):
                some = slice(first, first + PER_STUDY)
                if seed == 0:
                    defaults |= rows(default[some], trained(default[some])[1])
                _, own = run_search(made, tuned[some], defaults)
                kept += [own.outcomes[planned.cell.cell].metrics["test/accuracy"] for planned in tuned[some]]
                chose_default += sum(own.chosen(planned.search) == 0 for planned in tuned[some])
                searches += len(tuned[some])
            scores[arm].append(kept)
    cnn, pool = np.array(scores["cnn"]), np.array(scores["pool"])
    same, other = cnn[0::2] - cnn[1::2], cnn - pool
    print(f"\nreal searches: a small CNN on GloVe with 100 reviews, {DRAWS} draws x {SEARCHES} searches, and another "
          f"arm; trained in {time.perf_counter() - started:.0f} s; {100 * chose_default / searches:.0f} % chose the "
          f"default; accuracy {100 * cnn.mean():.1f}, sd of a paired difference {100 * same.std():.1f} points",
          flush=True)  # fmt: skip
    rng = np.random.default_rng(2019)
    draws, differences = studies_of(same, rng)
    alarms = rate(np.array([sign_flip_p(own) <= LEVEL for own in differences]), draws)
    print(f"  an arm against itself, {REAL_STUDIES:,} studies: false alarms at 5 % {alarms} (goal: 3.5 to 6.5)")
    for pairs, truth in ((same, 0.0), (other, float(other.mean()))):
        draws, differences = studies_of(pairs, rng)
        ends = np.array([sign_flip_interval(own)[:2] for own in differences])
        held = rate((ends[:, 0] <= truth + 1e-9) & (ends[:, 1] >= truth - 1e-9), draws)
        print(f"  95 % intervals, true difference {100 * truth:+.1f} points: {held} cover it (goal: 93 to 97)")


def tuned_evidence() -> None:
    """Run both."""
    simulated()
    real()
