"""The unit of sizes, by the sampling of the arms."""

import pytest

from seedbed.cells import EITHER, EXAMPLES, MENTION_STRATEGIES, MENTIONS, size_unit
from seedbed.data.draws import EPISODES, K_PER_TYPE, STRATEGIES


def test_the_strategies_that_count_mentions_are_those_of_the_draws():
    assert (*K_PER_TYPE, EPISODES) == MENTION_STRATEGIES


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_strategy_has_its_unit(strategy):
    expected = MENTIONS if strategy in ("k_per_type", "k_per_type_greedy", "episodes") else EXAMPLES
    assert size_unit([{"sampling.strategy": strategy}, {"sampling.strategy": strategy}]) == expected


def test_arms_of_unknown_sampling_do_not_count_and_of_both_kinds_there_is_either():
    assert size_unit([{}, {"sampling.strategy": "k_per_type"}]) == MENTIONS  # such as a refitted arm beside its own
    assert size_unit([]) == size_unit([{}, {"encoder": "cnn"}]) == EXAMPLES
    assert size_unit([{"sampling.strategy": "episodes"}, {"sampling.strategy": "random"}]) == EITHER


def test_one_is_singular():
    assert [EXAMPLES.count(n) for n in (1, 1200)] == ["1 example", "1,200 examples"]
    assert [MENTIONS.count(n) for n in (1, 5)] == ["1 mention of each type", "5 mentions of each type"]
