"""Sentences that belong to the answer: names of one arm, tuned scores, arms at chance, an order by encoder."""

from typing import TYPE_CHECKING

from seedbed.report.analysis.chance import arms_at_chance, chance_level
from seedbed.report.analysis.encoder_order import EncoderOrder, encoder_orders
from seedbed.report.analysis.ranking import PairTest, RankedArm
from seedbed.report.sections.page_table import interval_text, score_text, shown_digits
from seedbed.report.sections.rows import primary
from seedbed.report.sections.tuning import order_sentence, tuned_notice
from seedbed.report.wording import join_and, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

STAYED = "stayed-at-chance"
"""The finding that changes what an answer means, and stands beside it: a mean of trained and untrained models."""
MOST_ARMS = 4
"""Arms with their scores in a sentence."""


def notices(analysis: "Analysis") -> list[str]:
    """Return the sentences at the size of the headline."""
    ranking = analysis.ranking
    if ranking is None:
        return []
    texts = [
        *same_arms_sentences(analysis),
        tuned_notice(analysis),
        chance_sentence(analysis, ranking.n_train),
        *(f"! {finding.text}." for finding in analysis.inputs.findings if finding.rule == STAYED),
        *encoder_sentences(analysis),
    ]
    texts += [order_sentence(analysis, order) for order in analysis.orders if order.n_train == ranking.n_train]
    return [text for text in texts if text]


def same_arms_sentences(analysis: "Analysis") -> list[str]:
    """Return which names are one arm."""
    same = [(arm, others) for arm, others in analysis.inputs.same_arms.items() if arm in analysis.labels]
    sentences = [
        f"{join_and([analysis.labels[arm], *(sanitize(name, 60) for name in others[:MOST_ARMS])])} are the same cells: "
        f"one arm, shown as {analysis.labels[arm]}."
        for arm, others in same[:MOST_ARMS]
    ]
    return sentences + ([f"So are the names of {len(same) - MOST_ARMS} more arms."] if len(same) > MOST_ARMS else [])


def chance_sentence(analysis: "Analysis", n_train: int) -> str:
    """Return which arms are not better than chance at a size; empty if all are or the level is unknown."""
    chance, arms = chance_level(analysis, n_train), arms_at_chance(analysis, n_train)
    if chance is None or not arms:
        return ""
    scale = analysis.scale
    level = f"{score_text(chance.level, scale)} ({chance.name})"
    texts = [with_interval(analysis, row) for row in arms[:MOST_ARMS]]
    texts += [f"{len(arms) - MOST_ARMS} more"] if len(arms) > MOST_ARMS else []
    below = [analysis.labels[row.arm] for row in arms if _worse(analysis, row, chance.level)]
    verb = f"{'is' if len(arms) == 1 else 'are'} {'worse' if len(below) == len(arms) else 'not better'} than chance"
    worse = (
        f"; {join_and(below[:MOST_ARMS])} {'is' if len(below) == 1 else 'are'} worse"
        if 0 < len(below) < len(arms)
        else ""
    )
    return f"At {analysis.sized(n_train)} {join_and(texts)} {verb}, {level}{worse}."


def _worse(analysis: "Analysis", row: RankedArm, level: float) -> bool:
    gain = analysis.scale.gain
    return max(gain(row.ci_low), gain(row.ci_high)) < gain(level)


def with_interval(analysis: "Analysis", row: RankedArm) -> str:
    """``random (50.6 %, 95 % interval 49.3 to 51.9)``: an arm with its score."""
    _, scale = primary(analysis)
    return f"{analysis.labels[row.arm]} ({score_text(row.mean, scale)}, {interval_text(row, scale)})"


def encoder_sentences(analysis: "Analysis") -> list[str]:
    """Return a sentence if the order of two representations depends on the encoder."""
    orders, ranking = encoder_orders(analysis), analysis.ranking
    if not orders or ranking is None:
        return []
    more = f" (and {len(orders) - 1} more)" if len(orders) > 1 else ""
    return [
        f"The order depends on the encoder at {analysis.sized(ranking.n_train)}: {_order(analysis, orders[0])}{more}."
    ]


def _order(analysis: "Analysis", order: EncoderOrder) -> str:
    """``with cnn elmo_cnn beats glove_cnn by 3.5 points, but with probe ...``."""
    first, second = _better(analysis, order.first), _better(analysis, order.second)
    return f"with {sanitize(order.first_encoder, 60)} {first}, but with {sanitize(order.second_encoder, 60)} {second}"


def _better(analysis: "Analysis", test: PairTest) -> str:
    _, scale = primary(analysis)
    amount = scale.show(abs(test.difference), shown_digits(scale))
    verb = "beats" if test.separated else "is ahead of"
    by = f"by {amount}{f' {scale.unit}' if scale.unit else ''}{'' if test.separated else ', not clearly'}"
    return f"{analysis.labels[test.arm]} {verb} {analysis.labels[test.other]} {by}"
