"""The context of a report: what was studied, on which data, with which versions and settings."""

from seedbed.comparison.plan import Plan
from seedbed.config.schema import Study
from seedbed.data.draws import EPISODES, K_PER_TYPE
from seedbed.tracking.environment import versions


def study_context(study: Study, plan: Plan, parent: str | None, ui_command: str) -> dict[str, object]:
    """Return the context of a report of a study. ``parent``: the id of its run; ``ui_command``: opens MLflow's UI."""
    keys = study.keys
    return {
        "About": {
            "study": keys.name,
            "note": keys.note,
            "sizes": _sizes(study, plan),
            "comparison run": parent,
            "MLflow UI": ui_command,
        },
        "Data": counts_by_name(plan),
        "Versions": versions(),
        "Settings": study.composed,
    }


def counts_by_name(plan: Plan) -> dict[str, dict[str, int]]:
    """Return the counts of each data set, by name; with its first arm where data sets share a name."""
    first = {p.corpus.data: p for p in reversed(plan.planned)}
    names = [p.corpus.name for p in first.values()]
    return {
        name if names.count(name) == 1 else f"{name} ({p.arm.name})": dict(p.corpus.counts)
        for name, p in reversed(list(zip(names, first.values(), strict=True)))
    }


def _sizes(study: Study, plan: Plan) -> str:
    strategies = {arm.sampling.strategy for arm in study.arms}
    if "per_class" in strategies:
        return f"numbers of training examples: {', '.join(map(str, study.keys.sizes or ()))} of each class"
    if not strategies & {*K_PER_TYPE, EPISODES}:
        return "numbers of training examples"
    counts = sorted({(p.cell.n_train, len(p.draw.train)) for p in plan.planned})
    drawn = ", ".join(f"{number} sentences at k = {k}" for k, number in counts)
    if EPISODES in strategies:
        return f"k, where a support set has k to 2 k mentions of each of its types: {drawn}"
    return f"k, the mentions of each type that a draw has at least: {drawn}"
