"""A module is a program: it is opened where it is trusted, and refused before TensorFlow is imported."""

import json
import subprocess
import sys

import pytest
from tests.fence.content import saved_model
from tests.refusals import refusal

from seedbed.embeddings.elmo import Elmo
from seedbed.embeddings.hub.saved_model import digest
from seedbed.embeddings.hub.trust import FILE, record


@pytest.fixture
def module(tmp_path):
    for name, content in saved_model().items():
        (tmp_path / "module" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "module" / name).write_bytes(content)
    return tmp_path / "module"


def settings(module, **others):
    return Elmo(source="hub", handle=str(module), **others)


def test_a_module_is_refused_until_it_is_trusted_once(module, cache):
    line = refusal(settings(module).content, match=r"a SavedModel is a program.*embedding\.trust=true")
    assert digest(module) in line
    assert settings(module, trust=True).content() == settings(module).content()
    assert json.loads((cache / FILE).read_text()) == {digest(module): str(module)}


def test_another_module_of_the_same_name_is_not_trusted(module):
    settings(module, trust=True).content()
    (module / "saved_model.pb").write_bytes(b"\x08\x02")
    assert refusal(settings(module).content, match="a SavedModel is a program")


def test_a_recorded_module_is_trusted_and_a_damaged_record_trusts_nothing(module, cache):
    record(digest(module), "mine")
    assert settings(module).content()
    (cache / FILE).write_text("[")
    assert refusal(settings(module).content, match="a SavedModel is a program")


def test_an_untrusted_module_is_not_downloaded(cache):
    handle = "https://tfhub.dev/google/elmo/3"
    assert refusal(settings(handle).content, match=rf"{handle}: a TensorFlow Hub module is a program")
    assert not list(cache.iterdir())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("saved_model.pb", b"", "saved_model.pb is empty"), ("saved_model.pb", b"\x12\x7fabc", "saved_model.pb is cut"),
        ("variables/variables.index", b"x" * 40, "variables.index is cut"),
        ("variables/variables.index", None, "variables.index is missing"),
        ("variables/variables.data-00000-of-00001", None, "variables.data-.* is missing"),
    ],
)  # fmt: skip
def test_a_damaged_module_is_refused_although_it_is_trusted(module, name, content, said):
    (module / name).write_bytes(content) if content is not None else (module / name).unlink()
    assert refusal(
        settings(module, trust=True).content, match=f"cannot be loaded, a file is missing or damaged: .*{said}"
    )


def test_tensorflow_is_not_imported_for_what_is_refused(module, tmp_path):
    (tmp_path / "options.json").write_text("{}")
    (tmp_path / "weights.hdf5").write_bytes(b"x")
    program = f"""
import sys
from seedbed.embeddings.elmo import Elmo
from seedbed.errors import InputError
for model in (Elmo(source="hub", handle={str(module)!r}), Elmo(options={str(tmp_path / "options.json")!r},
              weights={str(tmp_path / "weights.hdf5")!r})):
    for call in (model.content, model.check):
        try:
            call()
        except InputError:
            print("refused")
print("tensorflow" in sys.modules or "keras" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 4 + ["False"]
