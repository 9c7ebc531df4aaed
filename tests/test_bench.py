"""The benches are run by hand: here only that each can be found and imported."""

import pkgutil
from importlib import import_module

import pytest
import tests.bench
from tests.bench import __main__ as main

MODULES = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__))
OF_A_PEER = {"flair_tagger"}
"""They run in an environment of their own."""


@pytest.mark.parametrize("name", [name for name in MODULES if name not in OF_A_PEER])
def test_a_bench_can_be_imported(name):
    assert import_module(f"tests.bench.{name}").__doc__


@pytest.mark.parametrize("name", main.OF_ONE_FILE)
def test_a_bench_of_one_file_has_its_function(name):
    assert callable(getattr(import_module(f"tests.bench.{name}"), name))
