"""The rules of the linter by name, with why they matter and what to do; each is explained in ``docs/lint/NAME.md``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from seedbed.cells import Finding
from seedbed.comparison.plan import Plan
from seedbed.lint import (
    arms,
    chance,
    class_shares,
    classes,
    coverage,
    encoder_order,
    epochs,
    held_out,
    overlap,
    padding,
    pretrained,
    regularization,
    replicates,
    searches,
    shown_before,
    sweeps,
    tagged_files,
    tokens,
    unsegmented,
)
from seedbed.lint.plan_data import DrawnDataset, drawn_datasets, report_settings
from seedbed.lint.shown_before import ShownBefore
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import sanitize

Of = Literal["data", "plan", "store", "study"]
Subjects = Mapping[Of, Sequence[DrawnDataset | Plan | ShownBefore | Analysis]]


@dataclass(frozen=True)
class Rule:
    """``why`` is its reason, ``advice`` what to do. ``check`` yields a text for each finding in what it is ``of``: a
    data set with its draws, a plan, what the store has of other studies, or the analysis of results. ``check_results``
    checks results for a rule without findings from before training, such as a table alone."""

    of: Of
    check: Callable[[Any], Iterator[str]]  # Any: one of `Subjects`, by `of`
    why: str
    check_results: Callable[[Analysis], Iterator[str]] | None = None
    advice: str = field(kw_only=True)


RULES = {
    "text-in-train-and-test": Rule("data", overlap.test_in_train,
        "A text that was trained on is memorized: the score is better than on new texts.",
        advice="dataset.drop_duplicates=true removes from train what is also in validation or test."),
    "text-in-train-and-validation": Rule("data", overlap.validation_in_train,
        "Validation then rewards memorization, and epochs and settings are chosen by it.",
        advice="Set dataset.drop_duplicates=true, or take validation from elsewhere: sampling.validation_from."),
    "text-in-validation-and-test": Rule("data", overlap.test_in_validation,
        "Epochs and settings chosen on validation are then chosen on test texts.",
        advice="dataset.drop_duplicates=true removes repeated texts from the earlier split."),
    "validation-from-test": Rule("data", held_out.validation_from_test,
        "Epochs and settings are then chosen on the source of the test texts, which should be new.",
        advice="Set sampling.validation_from=train, or validation if the data set has such a split."),
    "one-test-set": Rule("plan", held_out.one_test_set,
        "All replicates share the sampling error of one test set, which their spread and intervals do not show.",
        advice="sampling.redraw_test=true draws others for each replicate; an entire test split cannot be drawn anew."),
    "sequences-cut": Rule("data", tokens.sequences_cut,
        "Text that is cut off is neither learned nor tested: scores do not apply to the texts of the data set.",
        advice="Raise dataset.max_tokens or set it to null; dataset.keep_tokens=last keeps the end of a text instead."),
    "sentences-in-windows": Rule("data", tokens.sentences_in_windows,
        "An encoder does not see across windows; and such a sentence is often a document that was not split.",
        advice="Split documents into sentences; task.window=null reads them whole, which needs the memory for it."),
    "sentences-undivided": Rule("data", tagged_files.sentences_undivided,
        "A draw takes whole sentences: of a file that is one, there is nothing to draw.",
        advice="Put a blank line after each sentence of the file."),
    "schemes-mixed": Rule("data", tagged_files.schemes_mixed,
        "Entities are read wrongly where their tags are of another scheme: their number and every score change.",
        advice="Write all tags in one scheme; dataset.reader.scheme=iob2 refuses the first tag of another."),
    "markers-as-words": Rule("data", tokens.markers_as_words,
        "Padding and markers are no words: they reveal lengths, and change contextual vectors of their neighbors.",
        advice="Use the texts as they were before padding: seedbed pads and masks by itself."),
    "texts-unsegmented": Rule("data", unsegmented.texts_unsegmented,
        "A clause that is read as one word hardly ever occurs twice, and has no vector.",
        advice='dataset.tokenizer=icu splits such texts into words: pip install "seedbed[icu]".'),
    "vectors-cover-little": Rule("data", coverage.vectors_cover_little,
        "A model cannot distinguish words without a vector: the score depends on the other words only.",
        coverage.little_in_results,
        advice="Use vectors of the same language and field; embedding.case=any also looks up other cases of a word."),
    "vocabulary-from-test": Rule("plan", tokens.vocabulary_from_test,
        "Vectors made for the words of the test texts do not exist for other new texts.",
        advice="Set embedding.vocabulary=[train] or [train,validation]."),
    "text-in-pretraining": Rule("plan", pretrained.text_in_pretraining,
        "A language model predicts its training texts better than new texts, even without labels.",
        advice="seedbed pretrain dataset=NAME leaves out its validation and test texts; or test on other texts."),
    "too-few-replicates": Rule("plan", replicates.too_few_replicates,
        "No difference, however large, can be significant at the 5 % level.",
        advice="Raise replicates to the number in the finding, or compare fewer arms or sizes."),
    "arms-differ-in-more": Rule("plan", arms.arms_differ_in_more,
        "A difference between such arms may come from any of the settings that differ.",
        advice="Use the same value in all arms, or add an arm that differs in one setting only."),
    "class-missing-in-draw": Rule("data", classes.class_missing_in_draw,
        "A class without an example in a draw is not learned, or not tested.",
        advice="Set sampling.strategy=stratified (classification) or k_per_type (tagging), or use larger sizes."),
    "class-shares-differ": Rule("data", class_shares.class_shares_differ,
        "A classifier fitted to balanced classes expects each equally often, which costs accuracy on the test texts.",
        advice="sampling.strategy=random draws classes as frequently as they are."),
    "regularization-fixed": Rule("plan", regularization.regularization_fixed,
        "One value suits some vectors and not others: the order of arms then depends on it.",
        advice="Use several values of encoder.c, validation examples and standardize=true, as encoder=probe does."),
    "tpe-at-random": Rule("plan", searches.tpe_at_random,
        "Such a search is a random one, whatever it is called: no trial depends on the scores of others.",
        advice="Raise tune.budget, to 32 or so, or use tune=random."),
    "test-shown-before": Rule("store", shown_before.shown_before,
        "A setting that was chosen in view of some test texts has too high a score on them.",
        advice="confirm=STUDY draws texts that no run of it used; sampling.redraw_test=false in a search leaves some."),
    "epochs-ran-out": Rule("study", epochs.epochs_ran_out,
        "Arms that learn more slowly are then evaluated before they converge.",
        advice="Raise training.epochs; with training.patience, only arms that need more epochs take longer."),
    "edge-of-sweep": Rule("study", sweeps.edge_of_sweep,
        "A better value may be outside the range, while another arm has its best value inside it.",
        advice="Try values on that side too, and choose by validation: seedbed sweep pick name=NAME."),
    "arm-at-chance": Rule("study", chance.arm_at_chance,
        "A learning rate that is too high or too low leaves an arm at chance, whatever its representation.",
        advice="Look at the training curves, and choose training.learning_rate by validation scores."),
    "stayed-at-chance": Rule("study", chance.stayed_at_chance,
        "The mean of the arm is then that of replicates that learned and of others that did not train.",
        advice="Set training.min_steps=200, a higher patience or rate (tuned arms: in tune.space), by validation."),
    "order-by-encoder": Rule("study", encoder_order.order_by_encoder,
        "Which representation is better is then a property of the encoder, not of the representations alone.",
        advice="Report both encoders, and look at their training curves and at the floor."),
    "padding-counted": Rule("study", padding.padding_counted,
        "Padding is always right: the score is high whatever the model does, and higher with longer padding.",
        advice="Set metric=test/f1, which is strict entity F1."),
}  # fmt: skip
"""Rules of data, plan and store are checked before training, those of a study afterwards."""

WARNED_BY_REPORTS = ("too-few-replicates",)
"""Rules whose warning a report repeats itself, for its pairs."""


def lint(plan: Plan, tested_before: Sequence[ShownBefore] = ()) -> tuple[Finding, ...]:
    """Return the findings in a plan before anything is trained, in the order of ``RULES``.

    The cells of a search are left out: their arms and draws are those of the arms as they are. ``tested_before``: what
    the store has of other studies, by data set.
    """
    plan = plan.as_they_are
    subjects: Subjects = {"data": drawn_datasets(plan), "plan": (plan,), "store": tested_before, "study": ()}
    return _findings(subjects)


def with_findings(study: Analysis) -> Analysis:
    """Return the analysis with findings in its results added to those from before training.

    With ``lint=off`` among its settings it is returned unchanged.
    """
    if report_settings(study).get("lint") in ("off", False):
        return study
    before = [finding for finding in study.inputs.findings if finding.rule not in WARNED_BY_REPORTS]
    findings = (
        *before,
        *_findings({"data": (), "plan": (), "store": (), "study": (study,)}),
        *_afterwards(study, before),
    )
    return replace(study, inputs=replace(study.inputs, findings=tuple(dict.fromkeys(findings))))


def _afterwards(study: Analysis, before: Sequence[Finding]) -> Iterator[Finding]:
    checked = {finding.rule for finding in before}
    for name, rule in RULES.items():
        if rule.check_results and name not in checked:
            yield from (_finding(name, text) for text in rule.check_results(study))


def _finding(rule: str, text: str) -> Finding:
    return Finding(rule, sanitize(text, 500), RULES[rule].why, RULES[rule].advice)


def page(rule: str) -> str:
    """Return the path of a rule's page in the docs."""
    return f"docs/lint/{rule}.md"


def _findings(subjects: Subjects) -> tuple[Finding, ...]:
    return tuple(
        _finding(name, text)
        for name, rule in RULES.items()
        for subject in subjects[rule.of]
        for text in rule.check(subject)
    )
