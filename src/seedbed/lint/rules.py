"""Every rule of the linter by its name, with why it matters; ``docs/lint/NAME.md`` says more of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from seedbed.cells import Finding
from seedbed.comparison.plan import Plan
from seedbed.lint import (
    arms,
    classes,
    coverage,
    epochs,
    held_out,
    overlap,
    padding,
    pretrained,
    replicates,
    sweeps,
    tokens,
    unsegmented,
)
from seedbed.lint.plan_data import drawn_datasets, report_settings
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import sanitize

Of = Literal["data", "plan", "study"]


@dataclass(frozen=True)
class Rule:
    """``look`` gives a text for each finding in what it is ``of``: a data set with its draws, a plan, or a report's
    study after training. ``afterwards`` looks at the study of a rule that was not asked before training, as of a table
    alone."""

    of: Of
    look: Callable[[Any], Iterator[str]]
    why: str
    afterwards: Callable[[Analysis], Iterator[str]] | None = None


RULES = {
    "text-in-train-and-test": Rule("data", overlap.test_in_train,
        "A text that was trained on is remembered: the score is better than on new texts."),
    "text-in-train-and-validation": Rule("data", overlap.validation_in_train,
        "Validation then rewards remembering, whether an epoch is chosen on it or a setting."),
    "text-in-validation-and-test": Rule("data", overlap.test_in_validation,
        "What is chosen on validation, an epoch or a setting, is then chosen on texts of the test."),
    "validation-from-test": Rule("data", held_out.validation_from_test,
        "What is chosen on validation is chosen on the source that is to be new at the test."),
    "one-test-set": Rule("plan", held_out.one_test_set,
        "The replicates share the luck of one test set, which no spread or interval over them can show."),
    "sequences-cut": Rule("data", tokens.sequences_cut,
        "What is cut off is neither learned nor tested: scores are of other texts than those of the data set."),
    "markers-as-words": Rule("data", tokens.markers_as_words,
        "Padding and markers are no words: they tell lengths, and contextual vectors of their neighbours change."),
    "texts-unsegmented": Rule("data", unsegmented.texts_unsegmented,
        "A clause that is taken for a word is hardly ever seen twice, and has no vector."),
    "vectors-cover-little": Rule("data", coverage.vectors_cover_little,
        "Words without a vector are all alike to a model: the score is of the others.", coverage.little_in_results),
    "vocabulary-from-test": Rule("plan", tokens.vocabulary_from_test,
        "What is made for the test texts alone is not there for any other new text."),
    "text-in-pretraining": Rule("plan", pretrained.text_in_pretraining,
        "A language model knows texts that it has read better than new ones, though it saw no labels."),
    "too-few-replicates": Rule("plan", replicates.too_few_replicates,
        "No difference, however large, can be settled at the 5 % level."),
    "arms-differ-in-more": Rule("plan", arms.arms_differ_in_more,
        "A difference between such arms may come from any of the settings that differ."),
    "class-missing-in-draw": Rule("data", classes.class_missing_in_draw,
        "What a draw has no example of cannot be learned there, or is not tested."),
    "epochs-ran-out": Rule("study", epochs.epochs_ran_out,
        "Arms that learn more slowly are then judged before they are done."),
    "edge-of-sweep": Rule("study", sweeps.edge_of_sweep,
        "A better value may lie beyond, and another arm may have had its best value among those tried."),
    "padding-counted": Rule("study", padding.padding_counted,
        "Padding is always right: the score is high whatever the model does, and higher with longer padding."),
}  # fmt: skip
"""Before training those of data and plan, afterwards those of a study, in the order of a reader's questions."""

SAID_BY_REPORTS = ("too-few-replicates",)
"""A report says these itself, from the pairs that there are."""


def lint(plan: Plan) -> tuple[Finding, ...]:
    """What the rules find in a plan before anything is trained, in the order of ``RULES``."""
    subjects: dict[Of, tuple[Any, ...]] = {"data": drawn_datasets(plan), "plan": (plan,), "study": ()}
    return _found(subjects)


def with_findings(study: Analysis) -> Analysis:
    """A report's study with what the rules find in its results, after what was found before training.

    ``lint=off`` among its settings: as it is.
    """
    if report_settings(study).get("lint") in ("off", False):
        return study
    before = [one for one in study.inputs.findings if one.rule not in SAID_BY_REPORTS]
    found = (*before, *_found({"data": (), "plan": (), "study": (study,)}), *_afterwards(study, before))
    return replace(study, inputs=replace(study.inputs, findings=tuple(dict.fromkeys(found))))


def _afterwards(study: Analysis, before: Sequence[Finding]) -> Iterator[Finding]:
    found = {one.rule for one in before}
    for name, rule in RULES.items():
        if rule.afterwards and name not in found:
            yield from (Finding(name, sanitize(text, 500), rule.why) for text in rule.afterwards(study))


def page(rule: str) -> str:
    """Where the docs explain a rule."""
    return f"docs/lint/{rule}.md"


def _found(subjects: dict[Of, tuple[Any, ...]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(name, sanitize(text, 500), rule.why)
        for name, rule in RULES.items()
        for subject in subjects[rule.of]
        for text in rule.look(subject)
    )
