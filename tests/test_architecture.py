"""The imports of ``src/seedbed``: data flows one way, and what is heavy or foreign stays in its place."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "seedbed"

ORDER = (
    "types", "errors", "masking", "environment", "limits", "readable", "zip_files", "arrays", "files",
    "checkpoint_file", "processes", "launching", "class_names", "stages", "label_sets", "metric_names", "directions",
    "cells", "metrics", "matching", "backends", "backend", "devices", "config", "data", "embeddings", "pretraining",
    "model", "word_forms", "training", "floor", "saved_models", "tracking", "comparison", "testing", "report", "lint",
    "progress", "studies", "shipping", "api", "senses", "cli", "__main__",
)  # fmt: skip
"""Each part may import what stands before it."""

NOT = {
    "data": {"config"}, "embeddings": {"config"}, "pretraining": {"config"},
    "model": {"config", "data", "embeddings", "pretraining"}, "training": {"config", "pretraining"},
    "word_forms": {"config", "pretraining"},
    "floor": {"config", "backends", "backend", "devices", "embeddings", "model", "training"},
    "tracking": {
        "config", "data", "embeddings", "model", "word_forms", "training", "floor", "metrics", "matching",
    },
    "report": {"config", "data", "embeddings", "model", "training", "floor", "tracking", "comparison"},
    "config": {"cells", "metrics", "matching", "backends", "backend"},
    "testing": {"pretraining", "floor", "tracking"},
    "lint": {"backends", "backend", "devices", "model", "training", "floor", "tracking"},
    "progress": {"config", "data", "pretraining", "model", "floor", "tracking", "report", "lint"},
    "senses": {"config", "model", "training", "floor", "tracking", "comparison"},
}  # fmt: skip
"""Arrows that point backward and are not wanted all the same: the config stops at the door, a report takes a table."""

REPORT_ORDER = (
    {"statistics", "wording"}, {"analysis"}, {"sections"}, {"pictures", "errors"}, {"pages"}, {"overview"}, {"report"},
)  # fmt: skip
"""Each floor of the report may import the floors before it."""

PLACES = {
    "hydra": ("config",),
    "omegaconf": ("config",),
    "mlflow": ("tracking", "shipping"),
    "sqlalchemy": ("tracking",),
    "keras": ("backend.py", "embeddings", "pretraining", "model", "word_forms", "training", "saved_models", "testing"),
    "tensorflow": ("backend.py", "devices.py", "embeddings/hub"),
    "tensorflow_hub": ("embeddings/hub",),
    "h5py": ("embeddings/bilm", "pretraining"),
    "lmdb": ("embeddings/layer_cache",),
    "jax": ("backend.py", "devices.py"),
    "matplotlib": ("report", "senses"),
    "scipy": ("embeddings/pieces", "floor", "model", "report", "senses"),
    "sklearn": ("data/annotations", "floor", "senses"),
    "threadpoolctl": ("floor", "model"),
    "jinja2": ("report", "senses"),
    "pooch": ("data",),
    "tokenizers": ("embeddings",),
    "safetensors": ("embeddings", "saved_models"),
    "sentencepiece": ("embeddings/pieces",),
    "huggingface_hub": ("embeddings",),
    "optuna": ("comparison/search", "report/analysis"),
    "ray": ("launching",),
    "submitit": ("launching",),
    "msgpack": ("data/annotations",),
    "onnx": ("saved_models",),
}
"""The only parts that may import a library."""

LATE = {"hydra", "omegaconf", "mlflow", "sqlalchemy", "keras", "tensorflow", "jax", "matplotlib", "scipy", "jinja2",
        "pandas", "pyarrow", "pooch", "rich", "yaml", "tensorflow_hub", "h5py", "lmdb", "sklearn",
        "threadpoolctl", "filelock", "tokenizers", "safetensors", "sentencepiece",
        "huggingface_hub", "optuna", "ray", "submitit", "joblib", "msgpack", "onnx"}  # fmt: skip
"""Never imported where a module is."""

FILES = sorted(SRC.rglob("*.py"))
MODULES = {file: ("seedbed", *file.relative_to(SRC).with_suffix("").parts) for file in FILES}
MODULES = {file: parts[:-1] if parts[-1] == "__init__" else parts for file, parts in MODULES.items()}
"""The dotted name of each file, in parts."""


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """Each imported module, and whether importing the file imports it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    late = {node for part in ast.walk(tree) if _runs_later(part) for node in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: relative import"
            yield from ((f"{node.module}.{alias.name}", node not in late) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node not in late) for alias in node.names)


def _runs_later(node: ast.AST) -> bool:
    typing = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return typing or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def part(file: Path) -> str:
    return file.relative_to(SRC).parts[0].removesuffix(".py")


def name(file: Path) -> str:
    return str(file.relative_to(SRC))


def test_every_part_has_its_place_in_the_order():
    assert {part(file) for file in FILES} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("file", [file for file in FILES if part(file) != "__init__"], ids=name)
def test_imports_point_backward_only(file):
    here = ORDER.index(part(file))
    for module, _ in imports(file):
        there = (*module.split("."), "")[1] if module.startswith("seedbed.") else ""
        if there in ORDER:
            assert ORDER.index(there) <= here, f"{file}: {module} comes later than {part(file)}"
            assert there not in NOT.get(part(file), ()), f"{file}: {part(file)} must not import {module}"


def floor(module: str) -> int:
    return next(number for number, parts in enumerate(REPORT_ORDER) if module.split(".")[2] in parts)


@pytest.mark.parametrize(
    "file", [file for file in FILES if part(file) == "report" and len(MODULES[file]) > 2], ids=name
)
def test_imports_in_the_report_point_backward_only(file):
    """Late and type-checking imports too."""
    for module, _ in imports(file):
        if module.startswith("seedbed.report."):
            own = ".".join(MODULES[file])
            assert floor(module) <= floor(own), f"{file}: {module} comes later than {own}"


def test_no_modules_import_each_other_in_a_circle():
    """Late and type-checking imports too."""
    modules = {".".join(parts): file for file, parts in MODULES.items()}
    graph = {}
    for module, file in modules.items():
        names = {imported if imported in modules else imported.rpartition(".")[0] for imported, _ in imports(file)}
        graph[module] = names & set(modules) - {module}
    circle = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_libraries_stay_in_their_places(file):
    for module, _ in imports(file):
        allowed = PLACES.get(module.split(".")[0])
        if allowed is not None:
            assert any(name(file).startswith(place) for place in allowed), f"{file}: imports {module}"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_heavy_imports_are_late(file):
    heavy = [module for module, at_once in imports(file) if at_once and module.split(".")[0] in LATE]
    assert not heavy, f"{file}: {heavy} at the top"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_nothing_is_unpickled(file):
    assert not {module.split(".")[0] for module, _ in imports(file)} & {"pickle", "dill", "shelve", "marshal"}


def test_hydra_is_late_even_in_config():
    """``seedbed show --help`` needs none of it."""
    assert not [file for file in FILES if any(m.startswith(("hydra", "omegaconf")) and now for m, now in imports(file))]


@pytest.mark.parametrize("file", FILES, ids=name)
def test_files_are_short(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300, f"{file}: over 300 lines"


def asserts(test: ast.FunctionDef) -> bool:
    """Whether a test has an assertion of its own: helpers return what is compared."""
    calls = (node.func for node in ast.walk(test) if isinstance(node, ast.Call))
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    checks = {name for name in names if name.startswith(("assert_", "require_"))}  # of NumPy, pandas, seedbed.testing
    return bool(names & {"raises", "warns"} or checks) or any(isinstance(node, ast.Assert) for node in ast.walk(test))


@pytest.mark.parametrize("file", sorted(Path(__file__).parent.rglob("test_*.py")), ids=lambda file: file.name)
def test_every_test_asserts_something(file):
    tests = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    assert [test.name for test in tests if test.name.startswith("test_") and not asserts(test)] == []
