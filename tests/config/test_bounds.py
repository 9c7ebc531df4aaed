"""Numbers that are too large for memory, time or the store are refused when the config is read."""

import dataclasses
import importlib
import math
import re
from pathlib import Path
from typing import get_type_hints

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from tests.refusals import refusal

from seedbed.cells import IDENTITY_COLUMNS, INTEGER_COLUMNS, Cell, Outcome
from seedbed.config.bounds import LARGEST, LARGEST_FLOAT, MOST
from seedbed.config.build import typed
from seedbed.config.schema import SEEDS_APART, StudyKeys
from seedbed.config.study import study, with_objects
from seedbed.errors import InputError
from seedbed.model.encoders import CNN
from seedbed.pretraining.job import VocabularySettings
from seedbed.pretraining.settings import Training as Pretraining
from seedbed.tracking.records import cell_tags, row_of_run

CONF = Path(__file__).parents[2] / "conf"


def classes():
    """The classes that the files of conf/ name, and those of top-level keys."""
    files = [file.read_text(encoding="utf-8") for file in CONF.rglob("*.yaml")]
    names = {name for text in files for name in re.findall(r"_target_: ([\w.]+)", text)}
    parts = [name.rpartition(".") for name in sorted(names)]
    return [StudyKeys, Pretraining, VocabularySettings, *(getattr(importlib.import_module(m), c) for m, _, c in parts)]


NUMBERS = [
    (cls, field.name, str(kind))
    for cls in classes()
    for field in dataclasses.fields(cls)
    if re.search(r"\b(int|float)\b", str(kind := get_type_hints(cls, localns={"DictConfig": dict})[field.name]))
]


def test_the_files_of_conf_have_numbers():
    assert len(NUMBERS) > 60


@pytest.mark.parametrize(("cls", "field", "kind"), NUMBERS, ids=[f"{cls.__name__}.{name}" for cls, name, _ in NUMBERS])
def test_every_number_has_a_bound(cls, field, kind):
    is_float = re.search(r"\bfloat\b", kind) and not re.search(r"\bint\b", kind)
    most = MOST.get(field, LARGEST_FLOAT if is_float else LARGEST)
    shown = f"{most:,}" if isinstance(most, int) else f"{most:g}"
    shape = (lambda n: [n]) if "list" in kind else (lambda n: {"x": n}) if "dict" in kind else (lambda n: n)
    typed(cls, field, shape(most), field, lambda key: "mine.yaml")
    for number in (most + 1 if isinstance(most, int) else 1.01 * most, most * 1000, -2 * most):
        line = refusal(typed, cls, field, shape(number), f"group.{field}", lambda key: "mine.yaml")
        assert line.startswith(f"group.{field}")
        assert line.endswith(f"(mine.yaml): must be {'at most ' if number > 0 else 'at least -'}{shown}")


@pytest.mark.parametrize(("cls", "field", "kind"), NUMBERS, ids=[f"{cls.__name__}.{name}" for cls, name, _ in NUMBERS])
def test_values_are_those_of_a_structured_config(cls, field, kind):
    values = (3, 0.5, True, None, "7", "0.25", [3], [0.5, 1], {"x": 3}, {"x": 0.5})

    def converted(make):
        try:
            return repr(make())
        except (InputError, OmegaConfBaseException):
            return "refused"

    for value in values:
        schema = OmegaConf.structured(cls)
        OmegaConf.set_readonly(schema, False)

        def stock(schema=schema, value=value):
            schema[field] = value
            return OmegaConf.to_container(schema[field]) if OmegaConf.is_config(schema[field]) else schema[field]

        assert converted(lambda value=value: typed(cls, field, value, field, lambda key: "mine.yaml")) == converted(
            stock
        )


@pytest.mark.parametrize(
    ("override", "said"),
    {
        "seed=9223372036854775808": "seed=9223372036854775808 (command line): must be at most 1,000,000,000,000",
        "encoder.units=1000000000000": "encoder.units=1000000000000 (command line): must be at most 65,536",
        "training.epochs=1000001": "training.epochs=1000001 (command line): must be at most 1,000,000",
        "sizes=[5,1000000000000]": "sizes=1000000000000 (command line): must be at most 1,000,000,000",
        "replicates=1000000000000": "replicates=1000000000000: at most 1000; beyond, take another seed",
        "sampling.test=1000000000000": "sampling.test=1000000000000 (command line): must be at most 1,000,000,000",
        "training.clip_norm=1e300": "training.clip_norm=1e+300 (command line): must be at most 3.4e+38",
        f"seed={'9' * 5000}": "command line: seed: a number of thousands of digits",
    }.items(),
)  # fmt: skip
def test_a_number_of_the_command_line_is_named_with_its_bound(override, said):
    assert refusal(study, [override]) == said


def test_a_number_of_a_list_that_is_not_finite_is_refused():
    words = ["dataset=trec", "task=classification", "encoder=probe", "encoder.c=[1,nan]"]
    assert refusal(study, words) == "encoder.c=nan (command line): must be a finite number"


def test_a_number_of_an_object_is_refused_too():
    checked = study(["dataset=trec", "task=classification", "encoder=cnn", "arms.mine=[]"])
    assert with_objects(checked, {"mine": {"encoder": CNN(filters=MOST["filters"])}})
    line = refusal(with_objects, checked, {"mine": {"encoder": CNN(widths=[3, 10**12])}})
    assert line == "encoder.widths=1000000000000 (arm mine): must be at most 1,000"


def test_the_seed_of_every_replicate_can_be_stored_and_read_again():
    seed = SEEDS_APART * LARGEST + SEEDS_APART - 1
    assert seed < 2**63
    assert int(float(seed)) == seed  # as a table with missing cells has it
    values = {name: seed if name in INTEGER_COLUMNS else "x" for name in IDENTITY_COLUMNS}
    row = row_of_run(cell_tags(Cell(**values), Outcome("finished")), {}, "FINISHED")
    assert row is not None
    assert row["data_seed"] == row["init_seed"] == seed
    assert math.isnan(row["energy_j"])
