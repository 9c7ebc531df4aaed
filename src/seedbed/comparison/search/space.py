"""The search space of an arm: its keys with their distributions, and the arm with other values of them."""

import dataclasses
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from seedbed.comparison.search.distributions import Distribution, parse_space
from seedbed.comparison.search.keys import check_keys, example, searchable
from seedbed.comparison.search.refit import refuse_plateau
from seedbed.comparison.search.settings import Tune
from seedbed.config.build import typed
from seedbed.config.compatible import check_compatible, with_pooling
from seedbed.config.schema import TRAINED_GROUPS, Arm
from seedbed.directions import lower_is_better
from seedbed.errors import InputError, nearest
from seedbed.metric_names import SPLITS, MetricName
from seedbed.metrics import PRIMARY

LOSS = "validation/loss"
SEARCHED = "tune.space"
"""The setting of a cell with the space that its settings were chosen from, see `SearchSpace.text`."""
MOST_CHECKED = 128
"""Combinations of values that are tried out before training."""


@dataclass(frozen=True)
class SearchSpace:
    """The keys that are searched for an arm, and the score on validation by which a trial is chosen.

    ``left_out``: the keys of the space that the arm lacks; ``key``: that of the space, such as ``tune.spaces.cnn``.
    """

    arm: Arm
    distributions: Mapping[str, Distribution]
    metric: str
    left_out: tuple[str, ...] = ()
    key: str = "tune.space"

    @property
    def lower_is_better(self) -> bool:
        """Whether the least score is the best; known from its name, see `search_spaces`."""
        return bool(lower_is_better(self.metric))

    @property
    def texts(self) -> dict[str, str]:
        """The distributions as they are written."""
        return {key: distribution.text for key, distribution in self.distributions.items()}

    @property
    def text(self) -> str:
        """The distributions as one line."""
        return "; ".join(f"{key}: {text}" for key, text in self.texts.items())

    def default(self) -> dict[str, Any]:
        """Return the values of the default."""
        return {key: _get(self.arm, key) for key in self.distributions}

    @property
    def schedules(self) -> tuple[str, ...]:
        """The schedules of the learning rate that the arm or a trial may have; none where it is fitted at once."""
        if hasattr(self.arm.encoder, "training_fields"):
            return ()
        searched = self.distributions.get("training.schedule")
        return (self.arm.training.schedule, *(searched.arguments if searched else ()))

    def with_values(self, values: Mapping[str, Any]) -> Arm:
        """Return the arm with these values of its keys. Raises InputError for values that cannot be combined."""
        stages = {name: getattr(self.arm, name) for name in TRAINED_GROUPS}
        by_stage: dict[str, dict[str, Any]] = {}
        for key, value in values.items():
            stage, _, path = key.partition(".")
            by_stage.setdefault(stage, {})[path] = value
        try:
            for stage, changes in by_stage.items():
                stages[stage] = _changed(stages[stage], changes, stage)
            built = stages | {"dataset": self.arm.dataset, "sampling": self.arm.sampling}
            stages["encoder"] = built["encoder"] = with_pooling(built)
            check_compatible(built, self.arm.choices)
        except InputError as error:
            raise self.refusal(values, error) from error
        settings = dict(self.arm.settings) | {key: str(_get_of(stages, key)) for key in values}
        return dataclasses.replace(self.arm, settings=settings, **stages)

    def refusal(self, values: Mapping[str, Any], error: InputError) -> InputError:
        """Return the error for values that the arm does not take, with what is wrong with them."""
        text = " ".join(f"{key}={value}" for key, value in values.items())
        return InputError(f"{self.key}: arm {self.arm.name}: a trial with {text}: {error}")


def searched_keys(settings: Mapping[str, str]) -> list[str]:
    """Return the keys that were searched for a cell with these settings."""
    return [part.partition(": ")[0] for part in settings.get(SEARCHED, "").split("; ") if part]


def search_spaces(arms: Iterable[Arm], tune: Tune) -> dict[str, SearchSpace]:
    """Return the search space of each arm by its name. Raises InputError for a space that fits none."""
    arms = list(arms)
    check_keys(arms, tune)
    spaces = {arm.name: _space(arm, tune) for arm in arms}
    for arm in arms:  # after all values were checked: a wrong one is not hidden by an arm that lacks its key
        space = spaces[arm.name]
        if not space.distributions:
            raise InputError(
                f"tune: arm {arm.name}: no key to search; add {example(arm, tune)} to {space.key}"
                + (f" (it lacks {', '.join(space.left_out)})" if space.left_out else "")
            )
        if tune.refit:
            _check_refit(space)
    return spaces


def _space(arm: Arm, tune: Tune) -> SearchSpace:
    """Return the keys of its space that an arm has. Raises InputError for values that they do not take."""
    encoder = arm.choices["encoder"]
    parsed, names = parse_space(tune.space_of(encoder), tune.key_of(encoder)), set(searchable(arm))
    own = {key: distribution for key, distribution in parsed.items() if key in names}
    if arm.sampling.validation == 0:
        raise InputError(
            f"tune={tune.method}: arm {arm.name} has no validation examples to choose by; use sampling.validation=100"
        )
    left_out = tuple(key for key in parsed if key not in own)
    space = SearchSpace(arm, own, _metric(arm, tune), left_out, tune.key_of(encoder))
    _check_values(space)
    return space


def _metric(arm: Arm, tune: Tune) -> str:
    """Return the score that decides. InputError for one not of validation, unknown, or without a direction."""
    if tune.metric is None:
        return f"validation/{PRIMARY[arm.task.kind]}"
    own = MetricName.of(tune.metric)
    name = tune.metric if own.split else f"validation/{tune.metric}"
    valid = list(dict.fromkeys((LOSS, *(f"validation/{own}" for own in arm.task.scores))))
    if own.split in SPLITS and own.split != "validation":
        score = own.without_split
        raise InputError(f"tune.metric={tune.metric}: a trial is chosen on validation; use validation/{score}")
    if name not in valid:
        raise InputError(f"tune.metric={tune.metric}: no such score{nearest(name, valid)}")
    if lower_is_better(name) is None:
        known = ", ".join(score for score in valid if lower_is_better(score) is not None)
        raise InputError(
            f"tune.metric={tune.metric}: its name does not show whether a lower score is better; choose {known}"
        )
    return name


def _check_values(space: SearchSpace) -> None:
    """Raise InputError for values that a key does not take, or that cannot be combined, before anything is trained."""
    for key, distribution in space.distributions.items():
        ends = distribution.arguments
        for value in ends:
            try:
                _typed(space.arm, key, value)
            except InputError as error:
                raise InputError(f"{space.key}: {key}: {distribution.text}: {error}") from error
    for values in _combinations(space.distributions):
        space.with_values(values)


def _check_refit(space: SearchSpace) -> None:
    """Raise InputError where the arm, or a trial of its space, cannot be trained on its validation examples too."""
    instead = "use tune.refit=false, or another training.schedule in the arm and its space"
    for schedule in space.schedules:
        refuse_plateau(space.arm, schedule, "tune.refit", instead)


def check_embedding(space: SearchSpace) -> None:
    """Raise InputError for values that the files of an embedding refuse, such as another dimension; reads the files."""
    prefix = "embedding."
    own = {key: distribution for key, distribution in space.distributions.items() if key.startswith(prefix)}
    for values in _combinations(own) if own else ():
        try:
            changes = {key.removeprefix(prefix): value for key, value in values.items()}
            _changed(space.arm.embedding, changes, "embedding").content()
        except InputError as error:
            raise space.refusal(values, error) from error


def _combinations(distributions: Mapping[str, Distribution]) -> Iterator[dict[str, Any]]:
    """Yield all combinations of the choices and ends of ranges, or ``MOST_CHECKED`` of them at random."""
    ends = [distribution.arguments for distribution in distributions.values()]
    rng, count = random.Random(0), math.prod(map(len, ends))
    some = ([rng.choice(own) for own in ends] for _ in range(MOST_CHECKED))
    for values in product(*ends) if count <= MOST_CHECKED else some:
        yield dict(zip(distributions, values, strict=True))


def _typed(arm: Arm, key: str, value: Any) -> Any:
    """Return a value as its field takes it."""
    above, _, name = key.rpartition(".")
    owner = _get(arm, above)
    if isinstance(owner, Mapping):
        return value
    return _field_value(owner, name, value, key)


def _changed(stage: Any, changes: Mapping[str, Any], path: str) -> Any:
    """Return a dataclass or mapping with values replaced, also of those within it; all at once, as it checks them."""
    own: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for key, value in changes.items():
        first, dot, rest = key.partition(".")
        if dot:
            nested.setdefault(first, {})[rest] = value
        else:
            own[first] = value
    for name, within in nested.items():
        own[name] = _changed(_item(stage, name), within, f"{path}.{name}")
    if isinstance(stage, Mapping):
        return dict(stage) | own
    for name, value in own.items():
        if name not in nested:
            own[name] = _field_value(stage, name, value, f"{path}.{name}")
    return dataclasses.replace(stage, **own)


def _field_value(owner: Any, name: str, value: Any, key: str) -> Any:
    """Return a value as the field takes it; a single value of a list is a list of one."""
    is_one = isinstance(getattr(owner, name), list) and not isinstance(value, list)
    return typed(type(owner), name, [value] if is_one else value, key, lambda key: "tune")


def _item(owner: Any, name: str) -> Any:
    return owner[name] if isinstance(owner, Mapping) else getattr(owner, name)


def _get(arm: Arm, key: str) -> Any:
    return _get_of({name: getattr(arm, name) for name in TRAINED_GROUPS}, key)


def _get_of(stages: Mapping[str, Any], key: str) -> Any:
    value: Any = stages
    for name in key.split("."):
        value = _item(value, name)
    return value[0] if isinstance(value, list) and len(value) == 1 else value
