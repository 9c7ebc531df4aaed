"""What is no ELMo module is refused when it is opened, in one line."""

import shutil
import sys

import numpy as np
import pytest

from seedbed.embeddings.hub.hub_import import load_library
from seedbed.embeddings.hub.opening import open_module
from seedbed.errors import InputError


def refusal(path, signature="tokens"):
    with pytest.raises(InputError) as raised:
        open_module(path, signature)
    message = str(raised.value)
    assert "\n" not in message
    return message


def module_of(folder, function, **specs):
    """A TF2 SavedModel with the one signature ``tokens``."""
    import tensorflow as tf

    module = tf.Module()
    module.calls = tf.Variable(0.0)
    signature = [tf.TensorSpec(shape, dtype, name) for name, (shape, dtype) in specs.items()]
    made = tf.function(lambda *inputs: function(module, *inputs), input_signature=signature)
    tf.saved_model.save(module, str(folder), signatures={"tokens": made})
    return folder


def outputs(lengths, tokens, names=("word_emb", "lstm_outputs1", "lstm_outputs2"), plus=0.0, width=4):
    import tensorflow as tf

    flat = tf.zeros([tf.shape(lengths)[0], tf.shape(tokens)[1], width]) + plus
    return dict.fromkeys(names, flat)


TOKENS = {"tokens": ([None, None], "string"), "sequence_len": ([None], "int32")}


def test_unknown_signature_setting(modules):
    assert "embedding.signature=words: must be one of tokens, default" in refusal(modules["tf2"], "words")


def test_folder_without_a_saved_model(tmp_path):
    assert "no saved_model.pb in it" in refusal(tmp_path)
    assert "no saved_model.pb in it" in refusal(tmp_path / "absent")


@pytest.mark.parametrize("form", ["tf1", "tf2"])
@pytest.mark.parametrize("lost", ["variables", "variables/variables.index", "variables/variables.data-00000-of-00001"])
def test_half_a_module(modules, tmp_path, form, lost):
    shutil.copytree(modules[form], tmp_path / "module")
    gone = tmp_path / "module" / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    message = refusal(tmp_path / "module")
    assert "cannot be loaded, a file is missing or damaged" in message
    assert f"{tmp_path}/module/variables/variables" in message.partition("damaged: ")[2]
    assert "Graph execution error" not in message


@pytest.mark.parametrize("form", ["tf1", "tf2"])
@pytest.mark.parametrize("cut", ["saved_model.pb", "variables/variables.data-00000-of-00001"])
def test_half_a_file(modules, tmp_path, form, cut):
    shutil.copytree(modules[form], tmp_path / "module")
    file = tmp_path / "module" / cut
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "cannot be loaded, a file is missing or damaged" in refusal(tmp_path / "module")


@pytest.mark.parametrize("form", ["tf1", "tf2"])
def test_changed_bytes_of_the_variables(modules, tmp_path, form):
    shutil.copytree(modules[form], tmp_path / "module")
    file = tmp_path / "module" / "variables" / "variables.data-00000-of-00001"
    content = bytearray(file.read_bytes())
    content[200:204] = b"\x00\x01\x02\x03"
    file.write_bytes(content)
    assert "cannot be loaded, a file is missing or damaged" in refusal(tmp_path / "module")


def test_missing_signature_names_those_there(tmp_path):
    folder = module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens), **TOKENS)
    assert refusal(folder, "default").endswith("has no signature default; there are: tokens")


def test_missing_layers_name_those_there(tmp_path):
    folder = module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens, ("elmo", "word_emb")), **TOKENS)
    assert refusal(folder).endswith("has no output lstm_outputs1, lstm_outputs2; there are: elmo, word_emb")


def test_three_layers_are_enough_but_for_the_five_outputs(tmp_path):
    module = open_module(module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens), **TOKENS))
    assert module.rows([["a", "b", "c"]]).shape == (1, 3, 12)
    with pytest.raises(InputError, match="has no output elmo, default; there are: lstm"):
        module.outputs([["a"]])


def test_other_inputs(tmp_path):
    folder = module_of(tmp_path, lambda _, tokens: outputs(tokens, tokens), tokens=([None, None], "string"))
    assert refusal(folder).endswith("takes tokens (string); expected are strings and integer lengths")


def test_inputs_may_have_other_names(tmp_path):
    specs = {"words": TOKENS["tokens"], "lengths": ([None], "int64")}
    module = open_module(module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens), **specs))
    assert module.rows([["a"]]).shape == (1, 1, 12)


def test_outputs_of_another_shape(tmp_path):
    folder = module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens[:, 1:]), **TOKENS)
    assert "output word_emb has shape [1, 1, 4] for 1 sentences of up to 2 tokens" in refusal(folder)


def test_a_module_with_a_state_between_calls(tmp_path):
    def counting(module, tokens, lengths):
        return outputs(lengths, tokens, plus=module.calls.assign_add(1.0))

    assert "keeps a state between calls" in refusal(module_of(tmp_path, counting, **TOKENS))


def test_sentences_that_change_each_other_are_run_alone(tmp_path, caplog):
    import tensorflow as tf

    def crowded(_, tokens, lengths):
        return outputs(lengths, tokens, plus=tf.cast(tf.shape(lengths)[0], tf.float32))

    module = open_module(module_of(tmp_path, crowded, **TOKENS))
    assert "each is run alone" in caplog.text
    for _, rows in module.batches([["a"], ["b"], ["c", "d"]]):
        assert [own.tolist() for own in rows] == [np.ones_like(rows[0]).tolist()]


def test_numbers_that_are_not_finite(tmp_path):
    folder = module_of(tmp_path, lambda _, tokens, lengths: outputs(lengths, tokens, plus=float("nan")), **TOKENS)
    assert "not finite" in refusal(folder)


def test_library_that_cannot_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_hub", None)
    with pytest.raises(InputError, match=r'pip install tensorflow-hub tf-keras "setuptools<82"') as raised:
        load_library()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("category", ["UserWarning", "DeprecationWarning"])
def test_the_librarys_own_import_is_quiet(monkeypatch, tmp_path, capfd, category):
    text = f"import warnings\nwarnings.warn('pkg_resources is deprecated as an API.', {category})\nprint('chatter')\n"
    (tmp_path / "tensorflow_hub.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "tensorflow_hub", None)  # so that undoing it removes this one
    del sys.modules["tensorflow_hub"]
    assert load_library().__file__ == str(tmp_path / "tensorflow_hub.py")
    assert capfd.readouterr() == ("", "")
