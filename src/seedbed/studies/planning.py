"""The plan of a study, and what is checked of it before anything is trained."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from seedbed.cells import Finding, Status
from seedbed.comparison.plan import Plan, plan
from seedbed.config.schema import Study, StudyKeys
from seedbed.data.holdout import leaving_texts
from seedbed.errors import InputError
from seedbed.lint.shown_before import ShownBefore
from seedbed.stages import stage
from seedbed.studies.confirmed_settings import differing_settings
from seedbed.studies.confirming import texts_of
from seedbed.tracking.store_limits import refuse_classes

MOST_FINDINGS = 12
"""How many findings are logged before training; `seedbed lint` prints them all."""


def read_plan(study: Study, log: Callable[[str], None]) -> Plan:
    """Return the plan of a study; ``log`` takes a line for each data set read, with its sizes and counts."""
    shown = None if study.keys.confirm is None else texts_of(study.tracking, study.keys.confirm, log)
    left_out = None if shown is None else shown.left_out
    with stage("plan"):
        study_plan = plan(study, lambda name: log(f"reading {name}"), left_out)
    for line in differing_settings(shown.study, study_plan.arms, shown.settings) if shown else ():
        log(line)
    for corpus in {id(p.corpus): p.corpus for p in study_plan.planned}.values():
        counted = {key: n for key, n in corpus.counts.items() if n and "/" not in key}
        sizes = ", ".join(f"{len(examples)} {split}" for split, examples in corpus.splits.items())
        log(f"{corpus.name}: {sizes}" + "".join(f"; {key.replace('_', ' ')}: {n}" for key, n in counted.items()))
    for note in study_plan.notes:
        log(note)
    if study.job is not None:
        for line in _without_texts_left(study_plan):
            log(line)
    return study_plan


def _without_texts_left(study_plan: Plan) -> Iterator[str]:
    """Yield a line for each data set without splits of which the job of a sweep uses every text."""
    used: dict[str, set[str]] = {}
    corpora = {corpus.data: corpus for corpus, _ in study_plan.draws() if corpus.test_split == "train"}
    for corpus, draw in study_plan.draws():
        used.setdefault(corpus.data, set()).update(draw.train, draw.validation, draw.test)
    for data, corpus in corpora.items():
        if all(example.id in used[data] for example in corpus):
            yield (
                f"{corpus.name}: this sweep uses all texts, so none is left to confirm its choice on; "
                f"{' '.join(leaving_texts(len(corpus.splits['train'])))} leave some"
            )


def check_protocol(
    study: Study, plan: Plan, log: Callable[[str], None], before: Sequence[ShownBefore] = ()
) -> tuple[Finding, ...]:
    """Return and log the findings of the linter; none with ``lint=off``, InputError with ``lint=error``.

    ``before``: texts that other studies were tested on.
    """
    if study.keys.lint == "off":
        return ()
    with stage("plan"):
        from seedbed.lint.rules import lint

        findings = lint(plan, before)
    if findings and study.keys.lint == "error":
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
        raise InputError(f"lint=error: {rules}: {findings[0].text} (`seedbed lint` lists them all)")
    for finding in findings[:MOST_FINDINGS]:
        log(f"lint: {finding.rule}: {finding.text}")
    if len(findings) > MOST_FINDINGS:
        log(f"lint: and {len(findings) - MOST_FINDINGS} more, which `seedbed lint` prints")
    return findings


def refuse_class_names(study_plan: Plan) -> None:
    """Raise InputError for names of classes and entity types that cannot be part of a metric name in the store."""
    for corpus, training in {
        (id(p.corpus), id(p.arm)): (p.corpus, p.arm.training) for p in study_plan.planned
    }.values():
        refuse_classes(corpus.classes, corpus.name, training.score_each_epoch, training.score_at_end)


def settled(keys: StudyKeys, statuses: Mapping[str, tuple[Status, str]], cells: Sequence[str]) -> Collection[str]:
    """Return the cells that are not trained; ``statuses``: status and run of each cell in the store."""
    if keys.force:
        return ()
    status = {cell: statuses[cell][0] for cell in cells if cell in statuses}
    if keys.retry == "failed":
        return {cell for cell in cells if status.get(cell) != "failed"}
    done = ("finished", "failed") if keys.retry == "none" else ("finished",)
    return {cell for cell in status if status[cell] in done}
